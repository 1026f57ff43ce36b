package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.HeaderSetter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a {@link CallContext} travels in headers, of HTTP requests and of messages: the business flow, the time that is left, and whether the
 * caller retries. Times longer than 5 minutes are cut to that by default.
 *
 * <table>
 * <caption>Headers</caption>
 * <tr><th>name</th><th>value</th></tr>
 * <tr><td>{@value #CORRELATION_ID}</td><td>the business flow</td></tr>
 * <tr><td>{@value #TIMEOUT}</td><td>milliseconds that are left when it is sent, 1 to 8 digits</td></tr>
 * <tr><td>{@value #RETRIED_UPSTREAM}</td><td>{@code true} if somebody upstream repeats the call when it fails</td></tr>
 * </table>
 *
 * <p>Time that is left, not a time of day: clocks of two machines differ, and the time on the way is short beside what a deadline is about.
 * Of {@value #ENVOY_TIMEOUT}, which a mesh adds, the lesser counts. gRPC has {@code grpc-timeout} and needs neither.
 *
 * <p>Who sends these headers is not known: they can shorten what the receiver does and keep it from retrying, and nothing else. A value that is
 * none, such as one of ten years, counts as absent. Thread-safe.
 */
public final class CallHeaders {

  /** Names the business flow. */
  public static final String CORRELATION_ID = "x-correlation-id";

  /** Milliseconds that are left. */
  public static final String TIMEOUT = "msk-timeout-ms";

  /** Says that somebody upstream retries. */
  public static final String RETRIED_UPSTREAM = "msk-retried-upstream";

  /** Milliseconds within which an Envoy before this service wants the answer; read, never written. */
  public static final String ENVOY_TIMEOUT = "x-envoy-expected-rq-timeout-ms";

  private static final Logger log = LoggerFactory.getLogger(CallHeaders.class);
  private static final int MAX_DIGITS = 8;

  private final Duration maxTimeout;
  private final Ticker ticker;

  private CallHeaders(Builder builder) {
    this.maxTimeout = builder.maxTimeout;
    this.ticker = builder.ticker;
  }

  /**
   * Headers that cut times to 5 minutes, on the system's ticker.
   *
   * @return headers
   */
  public static CallHeaders create() {
    return builder().build();
  }

  /**
   * Starts headers that cut times to 5 minutes, on the system's ticker.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Writes what there is to an outgoing request: for an attempt, its {@link Attempt#context()}. A correlation id of other characters than
   * printable ASCII, which headers cannot carry everywhere, is left out.
   *
   * @param context what travels
   * @param carrier holds the headers
   * @param setter writes one
   * @param <C> the type of the carrier
   */
  public <C> void inject(CallContext context, C carrier, HeaderSetter<C> setter) {
    context
        .correlationId()
        .filter(CallHeaders::isAscii)
        .ifPresent(id -> setter.set(carrier, CORRELATION_ID, id));
    context.remaining().ifPresent(left -> {
      Duration cut = left.compareTo(maxTimeout) > 0 ? maxTimeout : left;
      setter.set(carrier, TIMEOUT, Long.toString(cut.toMillis()));
    });
    if (context.retriedUpstream()) {
      setter.set(carrier, RETRIED_UPSTREAM, "true");
    }
  }

  /**
   * Reads what came with a request. What is missing or malformed is left out.
   *
   * @param carrier holds the headers
   * @param getter reads one
   * @param <C> the type of the carrier
   * @return a context to which the caller and the subject can be added, once they are known
   */
  public <C> CallContext.Builder extract(C carrier, HeaderGetter<C> getter) {
    CallContext.Builder context = CallContext.builder();
    String id = getter.get(carrier, CORRELATION_ID);
    if (id != null) {
      takeCorrelationId(context, id);
    }
    long millis =
        Math.min(millis(getter.get(carrier, TIMEOUT)), millis(getter.get(carrier, ENVOY_TIMEOUT)));
    if (millis < Long.MAX_VALUE) {
      Duration left = Duration.ofMillis(Math.min(millis, maxTimeout.toMillis()));
      context.deadline(Deadline.after(left, ticker));
    }
    return context.retriedUpstream("true".equals(getter.get(carrier, RETRIED_UPSTREAM)));
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
  }

  private static void takeCorrelationId(CallContext.Builder context, String id) {
    try {
      context.correlationId(id);
    } catch (IllegalArgumentException e) {
      log.debug("Correlation id of a call was dropped", e);
    }
  }

  /** The number of a header; the greatest if it is none. */
  private static long millis(@Nullable String value) {
    if (value == null || value.isEmpty() || value.length() > MAX_DIGITS) {
      return Long.MAX_VALUE;
    }
    long number = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Long.MAX_VALUE;
      }
      number = 10 * number + digit;
    }
    return number;
  }

  /** Collects settings. Confined to one thread. */
  public static final class Builder {

    private Duration maxTimeout = Duration.ofMinutes(5);
    private Ticker ticker = Ticker.system();

    private Builder() {}

    /**
     * Sets the longest time that is written or taken; 5 minutes by default.
     *
     * @param value 1 ms to a day
     * @return this
     */
    public Builder maxTimeout(Duration value) {
      this.maxTimeout = requireNonNull(value, "maxTimeout");
      return this;
    }

    /**
     * Sets what measures the deadlines that come in; {@link Ticker#system()} by default.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Builds the headers.
     *
     * @return headers
     * @throws IllegalArgumentException that names every fault
     */
    public CallHeaders build() {
      new Faults()
          .check(
              maxTimeout.compareTo(Duration.ofMillis(1)) >= 0
                  && maxTimeout.compareTo(Duration.ofDays(1)) <= 0,
              "maxTimeout",
              maxTimeout,
              "1 ms to a day")
          .report();
      return new CallHeaders(this);
    }
  }
}
