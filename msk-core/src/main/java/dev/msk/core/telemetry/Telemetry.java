package dev.msk.core.telemetry;

import dev.msk.core.internal.NoopTelemetry;

/**
 * Where blocks report what they do. Without one, {@link #noop()}: it costs a few nanoseconds, allocates nothing and still
 * checks what it is given.
 *
 * <p>A block registers its specs once, binds the tag values it will use ahead, and then starts operations:
 *
 * <pre>{@code
 * OperationType publish = telemetry.operation(
 *     OperationSpec.builder("outbox.publish", OperationKind.PRODUCER).tags("outbox").build());
 * BoundOperation orders = publish.bind("orders");
 *
 * try (Operation operation = orders.start(telemetry.current())) {
 *   send(headers -> operation.inject(headers, Map::put));
 *   operation.outcome("sent");
 * }
 * }</pre>
 *
 * <p><b>Bounds.</b> Tag keys are closed by the spec. An adapter keeps at most {@value #MAX_TAG_TUPLES} tuples of tag values for
 * each spec and at most {@value #MAX_TAG_VALUE_LENGTH} characters of a value: what comes after is reported under
 * {@value #OVERFLOW} and counted. Tags are for values from small sets (an outbox's name, a result); identifiers of orders,
 * users or addresses are attributes, which reach spans only.
 *
 * <p>Implementations are thread-safe and never throw at a running operation: reporting must not break what it reports on.
 * Registering and binding do throw, at start-up, where a programmer sees it.
 */
public interface Telemetry {

  /** The most tuples of tag values that an adapter keeps for one spec. */
  int MAX_TAG_TUPLES = 1000;

  /** The most characters of a tag value that an adapter keeps. */
  int MAX_TAG_VALUE_LENGTH = 128;

  /** The tag value that stands for all values beyond the bounds. */
  String OVERFLOW = "_OTHER";

  /**
   * Telemetry that goes nowhere.
   *
   * @return always the same object
   */
  static Telemetry noop() {
    return NoopTelemetry.INSTANCE;
  }

  /**
   * Registers a kind of operation.
   *
   * @param spec what it is; registering an equal spec again gives the same type
   * @return the type, to bind tag values with
   * @throws IllegalArgumentException if another spec has taken the name
   */
  OperationType operation(OperationSpec spec);

  /**
   * Registers a counter.
   *
   * @param spec what it counts; registering an equal spec again gives the same counter
   * @return the counter, to bind tag values with
   * @throws IllegalArgumentException if another spec has taken the name
   */
  CounterType counter(CounterSpec spec);

  /**
   * Registers a gauge.
   *
   * @param spec what it measures; registering an equal spec again gives the same gauge
   * @return the gauge, to register readings with
   * @throws IllegalArgumentException if another spec has taken the name
   */
  GaugeType gauge(GaugeSpec spec);

  /**
   * The context of this thread.
   *
   * @return the context of the operation that was made current last, or the root
   */
  TelemetryContext current();

  /**
   * Reads a context that came with a message or a request. What cannot be read is ignored: the result is then the root.
   *
   * @param carrier holds the headers
   * @param getter reads one header
   * @param <C> the type of the carrier
   * @return the sender's context
   */
  <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter);
}
