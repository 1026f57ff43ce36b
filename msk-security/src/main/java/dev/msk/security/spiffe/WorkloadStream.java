package dev.msk.security.spiffe;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.internal.FullJitter;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream {@code FetchX509SVID}, opened again whenever it ends. One is open at a time, so that answers come one after the
 * other, on gRPC's threads.
 */
final class WorkloadStream implements Registration {

  private static final Logger log = LoggerFactory.getLogger(SpiffeWorkloadApi.class);
  private static final Metadata.Key<String> SECURITY_HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);
  private static final MethodDescriptor<byte[], byte[]> FETCH =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("SpiffeWorkloadAPI/FetchX509SVID")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final WorkloadChannel channel;
  private final Scheduler scheduler;
  private final FullJitter backoff;
  private final Consumer<byte[]> answers;
  private final Consumer<String> trouble;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ClientCall<byte[], byte[]> call;
  private Scheduler.@Nullable Task retry;
  private int failures;
  private boolean closed;

  WorkloadStream(
      WorkloadChannel channel,
      Scheduler scheduler,
      FullJitter backoff,
      Consumer<byte[]> answers,
      Consumer<String> trouble) {
    this.channel = channel;
    this.scheduler = scheduler;
    this.backoff = backoff;
    this.answers = answers;
    this.trouble = trouble;
  }

  void open() {
    Metadata headers = new Metadata();
    headers.put(SECURITY_HEADER, "true");
    lock.lock();
    try {
      if (closed) {
        return;
      }
      ClientCall<byte[], byte[]> next = channel.channel().newCall(FETCH, CallOptions.DEFAULT);
      call = next;
      next.start(new Answers(next), headers);
      next.request(1);
      next.sendMessage(new byte[0]);
      next.halfClose();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    ClientCall<byte[], byte[]> last;
    Scheduler.Task waiting;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      last = call;
      waiting = retry;
    } finally {
      lock.unlock();
    }
    if (waiting != null) {
      waiting.cancel();
    }
    if (last != null) {
      last.cancel("closed", null);
    }
    channel.close();
  }

  private void came(byte[] answer) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      failures = 0;
    } finally {
      lock.unlock();
    }
    answers.accept(answer);
  }

  private void ended(Status status) {
    int row;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      failures++;
      row = failures;
    } finally {
      lock.unlock();
    }
    String description = status.getDescription() == null ? "" : ", " + status.getDescription();
    trouble.accept("workload API: " + status.getCode() + description);
    channel.channel().enterIdle(); // else gRPC's own wait before it connects again is added to ours
    try {
      keep(scheduler.schedule(backoff.after(row), this::open));
    } catch (RejectedExecutionException e) {
      log.warn("Workload API is not asked again: its scheduler has stopped");
    }
  }

  private void keep(Scheduler.Task next) {
    boolean late;
    lock.lock();
    try {
      retry = next;
      late = closed;
    } finally {
      lock.unlock();
    }
    if (late) {
      next.cancel();
    }
  }

  private final class Answers extends ClientCall.Listener<byte[]> {

    private final ClientCall<byte[], byte[]> own;

    Answers(ClientCall<byte[], byte[]> own) {
      this.own = own;
    }

    @Override
    public void onMessage(byte[] answer) {
      came(answer);
      own.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended(status);
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
