package dev.msk.security.grpc;

import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.security.BearerToken;
import org.jspecify.annotations.Nullable;

/** Context and token of a call, current on a thread for the length of a callback. */
final class CurrentCall implements AutoCloseable {

  private final Scope context;
  private final Scope token;

  private CurrentCall(Scope context, Scope token) {
    this.context = context;
    this.token = token;
  }

  static CurrentCall open(CallContext context, @Nullable BearerToken token) {
    return new CurrentCall(
        context.makeCurrent(), token == null ? BearerToken.clear() : token.makeCurrent());
  }

  @Override
  public void close() {
    token.close();
    context.close();
  }
}
