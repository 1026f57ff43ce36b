package dev.msk.security.grpc;

import dev.msk.core.CallContext;
import dev.msk.security.BearerToken;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/** Runs each callback of a call with the call's context and token. */
final class CurrentListener<Q> extends ServerCall.Listener<Q> {

  private final ServerCall.Listener<Q> listener;
  private final CallContext context;
  private final @Nullable BearerToken token;

  CurrentListener(
      ServerCall.Listener<Q> listener, CallContext context, @Nullable BearerToken token) {
    this.listener = listener;
    this.context = context;
    this.token = token;
  }

  @Override
  public void onMessage(Q message) {
    run(() -> listener.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    run(listener::onHalfClose);
  }

  @Override
  public void onCancel() {
    run(listener::onCancel);
  }

  @Override
  public void onComplete() {
    run(listener::onComplete);
  }

  @Override
  public void onReady() {
    run(listener::onReady);
  }

  private void run(Runnable callback) {
    try (CurrentCall current = CurrentCall.open(context, token)) {
      callback.run();
    }
  }
}
