package dev.msk.observability.http;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.HeaderSetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request that is being served or sent. It may be handed from thread to thread, used by one at a time; nothing here throws at
 * what is reported on, and nothing has an effect after {@link #close()}.
 */
public final class HttpOperation implements AutoCloseable {

  private final Operation operation;
  private final Runnable onClose;
  private final AtomicBoolean closed = new AtomicBoolean();

  HttpOperation(Operation operation, Runnable onClose) {
    this.operation = operation;
    this.onClose = onClose;
  }

  /**
   * The context of this request: the parent for operations within it.
   *
   * @return the context
   */
  public TelemetryContext context() {
    return operation.context();
  }

  /**
   * Makes this request's context the current one of this thread.
   *
   * @return the scope; close it on the same thread, before the operation
   */
  public Scope makeCurrent() {
    return operation.makeCurrent();
  }

  /**
   * Says how it was answered; by default unknown, which is right for a request that never was.
   *
   * @param status the response's status; outside 100 to 599 it is not reported
   * @return this
   */
  public HttpOperation status(int status) {
    if (status >= 100 && status <= 599) {
      operation.outcome(Integer.toString(status));
    }
    return this;
  }

  /**
   * Marks it failed by an exception: a handler that threw, a connection that broke.
   *
   * @param error what went wrong
   * @return this
   */
  public HttpOperation error(Throwable error) {
    operation.error(error);
    return this;
  }

  /**
   * Adds a fact to the span, for example {@code network.protocol.version}; it does not reach metrics.
   *
   * @param key lower-case words joined by dots
   * @param value the fact
   * @return this
   */
  public HttpOperation attribute(String key, String value) {
    operation.attribute(key, value);
    return this;
  }

  /**
   * Writes this request's context to outgoing headers.
   *
   * @param headers of the outgoing request
   * @param setter writes one header
   * @param <C> the type of the headers
   */
  public <C> void inject(C headers, HeaderSetter<C> setter) {
    operation.inject(headers, setter);
  }

  /** Ends the request; a second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      onClose.run();
      operation.close();
    }
  }
}
