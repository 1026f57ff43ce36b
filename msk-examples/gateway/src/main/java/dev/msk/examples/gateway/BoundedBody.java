package dev.msk.examples.gateway;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** Collects a body; one that grows beyond the limit is given up with {@link TooLargeException}. */
final class BoundedBody implements BodySubscriber<byte[]> {

  private final int limit;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Subscription subscription;

  private BoundedBody(int limit) {
    this.limit = limit;
  }

  static BodyHandler<byte[]> of(int limit) {
    return response -> new BoundedBody(limit);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Subscription incoming) {
    subscription = incoming;
    incoming.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      if (part.remaining() > limit - collected.size()) {
        // In this order: the client makes an I/O error of a subscription that is cancelled.
        body.completeExceptionally(new TooLargeException(limit));
        subscription.cancel();
        return;
      }
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      collected.write(bytes, 0, bytes.length);
    }
    subscription.request(1);
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(collected.toByteArray());
  }
}
