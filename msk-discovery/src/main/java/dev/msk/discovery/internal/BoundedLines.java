package dev.msk.discovery.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A response body that is handed over line by line as it comes; a line is refused as soon as it is longer than agreed. */
public final class BoundedLines implements BodySubscriber<byte[]> {

  private static final byte[] NOTHING = new byte[0];

  private final int maxBytes;
  private final Consumer consumer;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /** Takes lines. */
  @FunctionalInterface
  public interface Consumer {

    /**
     * Takes one.
     *
     * @param line without its end, not empty
     * @throws IOException if it is not understood; ends the body
     */
    void take(byte[] line) throws IOException;
  }

  BoundedLines(int maxBytes, Consumer consumer) {
    this.maxBytes = maxBytes;
    this.consumer = consumer;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription value) {
    subscription = value;
    value.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    try {
      for (ByteBuffer buffer : buffers) {
        take(buffer);
      }
    } catch (IOException | RuntimeException e) {
      cancel();
      body.completeExceptionally(e);
      return;
    }
    if (subscription != null) {
      subscription.request(1);
    }
  }

  private void take(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      byte next = buffer.get();
      if (next == '\n') {
        endLine();
      } else if (line.size() == maxBytes) {
        throw new IOException("line: more than " + maxBytes + " bytes (expected: at most that)");
      } else {
        line.write(next);
      }
    }
  }

  private void endLine() throws IOException {
    if (line.size() > 0) {
      byte[] whole = line.toByteArray();
      line.reset();
      consumer.take(whole);
    }
  }

  private void cancel() {
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable error) {
    body.completeExceptionally(error);
  }

  /** A line that was begun and not ended was cut off: it is dropped. */
  @Override
  public void onComplete() {
    body.complete(NOTHING);
  }
}
