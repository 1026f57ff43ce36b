package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended, as far as policies care: whether the server answered, whether it may have done something, and what it said
 * about another try. Immutable; those without a push-back are constants.
 */
public final class Outcome {

  /** What happened to an attempt. */
  public enum Kind {
    /** The server answered. An answer that says no, such as a 404, is one too. */
    OK,
    /** The server cannot have seen it: the connection was refused, or no instance was there. It may be repeated whatever it was. */
    NOT_SENT,
    /** It failed, and the server may have done it: a 500, a connection that broke off. */
    FAILED,
    /** No answer came in time, and the server may have done it or may still do it. */
    TIMED_OUT,
    /** The server refused it because it had too much to do: 429, 503, {@code RESOURCE_EXHAUSTED}, {@code UNAVAILABLE}. */
    OVERLOADED,
    /** Nobody wants the answer any more; says nothing about the server. */
    CANCELLED
  }

  private static final Outcome OK = new Outcome(Kind.OK, null);
  private static final Outcome NOT_SENT = new Outcome(Kind.NOT_SENT, null);
  private static final Outcome FAILED = new Outcome(Kind.FAILED, null);
  private static final Outcome TIMED_OUT = new Outcome(Kind.TIMED_OUT, null);
  private static final Outcome OVERLOADED = new Outcome(Kind.OVERLOADED, null);
  private static final Outcome CANCELLED = new Outcome(Kind.CANCELLED, null);

  private final Kind kind;
  private final @Nullable Duration retryAfter;

  private Outcome(Kind kind, @Nullable Duration retryAfter) {
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  /**
   * The server answered.
   *
   * @return {@link Kind#OK}
   */
  public static Outcome ok() {
    return OK;
  }

  /**
   * The server cannot have seen it.
   *
   * @return {@link Kind#NOT_SENT}
   */
  public static Outcome notSent() {
    return NOT_SENT;
  }

  /**
   * It failed, and the server may have done it.
   *
   * @return {@link Kind#FAILED}
   */
  public static Outcome failed() {
    return FAILED;
  }

  /**
   * No answer came in time.
   *
   * @return {@link Kind#TIMED_OUT}
   */
  public static Outcome timedOut() {
    return TIMED_OUT;
  }

  /**
   * The server had too much to do.
   *
   * @return {@link Kind#OVERLOADED}
   */
  public static Outcome overloaded() {
    return OVERLOADED;
  }

  /**
   * Nobody wants the answer any more.
   *
   * @return {@link Kind#CANCELLED}
   */
  public static Outcome cancelled() {
    return CANCELLED;
  }

  /**
   * The same with what the server said about another try: {@code Retry-After} (RFC 9110, 10.2.3) or {@code grpc-retry-pushback-ms} (gRPC's
   * proposal A6). It is waited instead of the policy's own back-off.
   *
   * @param value how long to wait at least; a negative one means that it must not be tried again
   * @return an outcome
   */
  public Outcome retryAfter(Duration value) {
    return new Outcome(kind, requireNonNull(value, "retryAfter"));
  }

  /**
   * What happened.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * What the server said about another try.
   *
   * @return how long to wait at least, negative for never; empty if it said nothing
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Whether the server refuses another try. */
  boolean forbidsRetry() {
    return retryAfter != null && retryAfter.isNegative();
  }

  @Override
  public String toString() {
    return retryAfter == null ? kind.toString() : kind + ", retry after " + retryAfter;
  }
}
