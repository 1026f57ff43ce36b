package dev.msk.observability.internal;

import dev.msk.core.Scope;

/** OpenTelemetry's scope as one of the kit's. Used by one thread. */
final class CurrentScope implements Scope {

  private final io.opentelemetry.context.Scope scope;

  CurrentScope(io.opentelemetry.context.Scope scope) {
    this.scope = scope;
  }

  /** Only a call, as {@link SpanOperation#close()}. */
  @Override
  public void close() {
    end();
  }

  private void end() {
    scope.close();
  }
}
