package dev.msk.messaging;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings old events to the shape that today's handlers know: one numbered step from each version of a
 * type to the next, so that a handler is written for the newest version alone.
 *
 * <pre>{@code
 * Upcasters upcasters = Upcasters.builder()
 *     .from("order.accepted", 1, event -> withCurrency(event))     // 1 to 2
 *     .from("order.accepted", 2, event -> withLines(event))        // 2 to 3
 *     .build();
 * consumer.handle("order.accepted", upcasters.before((tx, event) -> ...));   // always 3, or newer
 * }</pre>
 *
 * <p><b>Version.</b> The number at the end of {@code dataschema}: {@code
 * https://schemas.example/order-accepted/2}, or {@code …/v2}; 1 when an event names no schema. The type stays
 * the same through all versions. After its steps an event's {@code dataschema} ends in the new number, if it
 * has one. An event of a version that no step starts from passes as it is: it is the newest, or newer than
 * this service.
 *
 * <p>Immutable; thread-safe when the steps are.
 */
public final class Upcasters {

  private static final Pattern VERSION = Pattern.compile("(.*/v?)([1-9][0-9]{0,8})");

  private final Map<String, NavigableMap<Integer, UnaryOperator<EventEnvelope>>> steps;

  private Upcasters(Map<String, NavigableMap<Integer, UnaryOperator<EventEnvelope>>> steps) {
    this.steps = steps;
  }

  /**
   * Starts without a step.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The version of an event.
   *
   * @param event any event
   * @return the number at the end of its {@code dataschema}; 1 when it names none, empty when the schema has no number
   */
  public static Optional<Integer> version(EventEnvelope event) {
    Optional<String> schema = event.dataSchema();
    if (schema.isEmpty()) {
      return Optional.of(1);
    }
    Matcher matcher = VERSION.matcher(schema.get());
    return matcher.matches() ? Optional.of(Integer.valueOf(matcher.group(2))) : Optional.empty();
  }

  /**
   * Brings an event to the newest version that the steps of its type lead to.
   *
   * @param event any event
   * @return the event of the newest version; the same when there is nothing to do
   * @throws InvalidEventException when its type has steps and its {@code dataschema} no number, or a step
   *     gave it another identity
   */
  public EventEnvelope upcast(EventEnvelope event) {
    NavigableMap<Integer, UnaryOperator<EventEnvelope>> ofType = steps.get(event.type());
    if (ofType == null) {
      return event;
    }
    int version = version(event)
        .orElseThrow(() -> new InvalidEventException(
            "dataschema",
            event.dataSchema().orElse(null),
            "a URI that ends in a version, such as …/2"));
    EventEnvelope current = event;
    while (ofType.containsKey(version)) {
      current = step(current, version, Objects.requireNonNull(ofType.get(version)));
      version++;
    }
    return current;
  }

  /**
   * A handler that sees events of the newest version.
   *
   * @param handler written for the newest version
   * @return a handler for every version
   */
  public EventHandler before(EventHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return (tx, event) -> handler.handle(tx, upcast(event));
  }

  private static EventEnvelope step(
      EventEnvelope event, int version, UnaryOperator<EventEnvelope> upcast) {
    EventEnvelope changed = Objects.requireNonNull(upcast.apply(event), "event");
    if (!changed.id().equals(event.id())
        || !changed.source().equals(event.source())
        || !changed.type().equals(event.type())) {
      throw new InvalidEventException(
          "id",
          changed.toString(),
          "the id, source and type of " + event + " after the step from version " + version);
    }
    return event
        .dataSchema()
        .map(VERSION::matcher)
        .filter(Matcher::matches)
        .map(schema ->
            changed.toBuilder().dataSchema(schema.group(1) + (version + 1)).build())
        .orElse(changed);
  }

  /** Builds {@link Upcasters}. Confined to one thread. */
  public static final class Builder {

    private final Map<String, NavigableMap<Integer, UnaryOperator<EventEnvelope>>> steps =
        new HashMap<>();
    private final List<String> faults = new ArrayList<>();

    private Builder() {}

    /**
     * Adds the step from one version of a type to the next.
     *
     * @param type a CloudEvents type
     * @param version the version that the step starts from, from 1
     * @param upcast gets an event of that version and gives the same event, of the next; keeps id, source
     *     and type
     * @return this
     */
    public Builder from(String type, int version, UnaryOperator<EventEnvelope> upcast) {
      Objects.requireNonNull(upcast, "upcast");
      if (version < 1) {
        faults.add(type + ": step from " + version + " (expected: >= 1)");
      }
      var ofType = steps.computeIfAbsent(type, name -> new TreeMap<>());
      if (ofType.put(version, upcast) != null) {
        faults.add(type + ": two steps from " + version + " (expected: one)");
      }
      return this;
    }

    /**
     * Makes the upcasters.
     *
     * @return upcasters
     * @throws IllegalArgumentException naming every step that is missing or there twice
     */
    public Upcasters build() {
      steps.forEach((type, ofType) -> {
        for (int version = ofType.firstKey(); version < ofType.lastKey(); version++) {
          if (!ofType.containsKey(version)) {
            faults.add(type + ": no step from " + version + " (expected: one, to reach "
                + ofType.lastKey() + ")");
          }
        }
      });
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      Map<String, NavigableMap<Integer, UnaryOperator<EventEnvelope>>> copy = new HashMap<>();
      steps.forEach((type, ofType) -> copy.put(type, new TreeMap<>(ofType)));
      return new Upcasters(copy);
    }
  }
}
