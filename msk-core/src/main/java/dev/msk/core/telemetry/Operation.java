package dev.msk.core.telemetry;

import dev.msk.core.Scope;

/**
 * A running operation: a span and the measurement of a duration. It may be handed from thread to thread, used by one at a time.
 * Nothing here throws at what is reported on, and nothing has an effect after {@link #close()}.
 */
public interface Operation extends AutoCloseable {

  /**
   * The context of this operation: the parent for operations within it.
   *
   * @return the context
   */
  TelemetryContext context();

  /**
   * Makes this operation's context the current one of this thread.
   *
   * @return the scope; close it on the same thread, before the operation
   */
  Scope makeCurrent();

  /**
   * Adds a fact to the span; it does not reach metrics. Values may come from large sets.
   *
   * @param key lower-case words joined by dots
   * @param value the fact; an adapter keeps a bounded number of characters
   * @return this
   */
  Operation attribute(String key, String value);

  /**
   * Adds a number to the span; it does not reach metrics.
   *
   * @param key lower-case words joined by dots
   * @param value the number
   * @return this
   */
  Operation attribute(String key, long value);

  /**
   * Says how it ended, as tag {@code outcome} of the duration; {@code ok} by default, {@code error} after {@link #error}.
   *
   * @param outcome a value from a small set, for example {@code duplicate}
   * @return this
   */
  Operation outcome(String outcome);

  /**
   * Marks it failed: the span gets the exception and the duration a tag {@code error.type} with the exception's class.
   *
   * @param error what went wrong
   * @return this
   */
  Operation error(Throwable error);

  /**
   * Writes this operation's context to an outgoing message or request.
   *
   * @param carrier holds the headers
   * @param setter writes one header
   * @param <C> the type of the carrier
   */
  default <C> void inject(C carrier, HeaderSetter<C> setter) {
    context().inject(carrier, setter);
  }

  /** Ends the operation; a second call does nothing. */
  @Override
  void close();
}
