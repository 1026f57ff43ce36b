package dev.msk.security.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the callbacks of a call until it is known who listens, then passes them on in their order, one at a time. Before
 * that no message has been asked for, so that only a handful of callbacks can come. Thread-safe.
 */
final class PendingListener<Q> extends ServerCall.Listener<Q> {

  private static final Logger log = LoggerFactory.getLogger(ServerSecurity.class);

  private final ServerCall<Q, ?> call;
  private final Context context = Context.current();
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Consumer<ServerCall.Listener<Q>>> waiting = new ArrayDeque<>();
  private ServerCall.@Nullable Listener<Q> listener;
  private boolean draining;

  PendingListener(ServerCall<Q, ?> call) {
    this.call = call;
  }

  /** Says who listens, and passes on what has come so far, on the executor and in the call's gRPC context. */
  void resume(Executor executor, Supplier<ServerCall.Listener<Q>> start) {
    try {
      executor.execute(() -> resume(start));
    } catch (RejectedExecutionException e) {
      log.warn(
          "{}: cannot be resumed, its executor has stopped",
          call.getMethodDescriptor().getFullMethodName());
      call.close(Status.UNAVAILABLE.withDescription("shutting down"), new Metadata());
    }
  }

  private void resume(Supplier<ServerCall.Listener<Q>> start) {
    Context previous = context.attach();
    try {
      ServerCall.Listener<Q> started = start.get();
      lock.lock();
      try {
        listener = started;
      } finally {
        lock.unlock();
      }
      drain();
    } catch (RuntimeException e) {
      log.error("Call failed when it was resumed", e);
      call.close(Status.UNKNOWN, new Metadata());
    } finally {
      context.detach(previous);
    }
  }

  @Override
  public void onMessage(Q message) {
    pass(next -> next.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    pass(ServerCall.Listener::onHalfClose);
  }

  @Override
  public void onCancel() {
    pass(ServerCall.Listener::onCancel);
  }

  @Override
  public void onComplete() {
    pass(ServerCall.Listener::onComplete);
  }

  @Override
  public void onReady() {
    pass(ServerCall.Listener::onReady);
  }

  private void pass(Consumer<ServerCall.Listener<Q>> callback) {
    lock.lock();
    try {
      waiting.add(callback);
    } finally {
      lock.unlock();
    }
    drain();
  }

  /** Whoever finds nobody draining drains; others only leave their callback. */
  private void drain() {
    while (true) {
      Consumer<ServerCall.Listener<Q>> callback;
      ServerCall.Listener<Q> target;
      lock.lock();
      try {
        target = listener;
        if (draining || target == null || waiting.isEmpty()) {
          return;
        }
        draining = true;
        callback = waiting.remove();
      } finally {
        lock.unlock();
      }
      try {
        callback.accept(target);
      } finally {
        lock.lock();
        try {
          draining = false;
        } finally {
          lock.unlock();
        }
      }
    }
  }
}
