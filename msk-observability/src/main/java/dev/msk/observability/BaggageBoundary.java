package dev.msk.observability;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.Faults;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of the baggage may cross a trust boundary: what is listed by its key, and nothing else, in each direction.
 *
 * <p>Baggage travels in a header with every call, so whoever is called sees what was meant for others, and whoever calls decides
 * what our own services find in it. Give it to {@link MskTelemetry#outside} for partners, clients and others outside, or put it
 * {@linkplain #around around} the propagators of an SDK for all of its calls. A key matches as it is written. Immutable.
 *
 * @see <a href="https://www.w3.org/TR/baggage/#security-considerations">W3C Baggage, security considerations</a>
 */
public final class BaggageBoundary {

  private static final BaggageBoundary CLOSED = builder().build();

  private final Set<String> accepted;
  private final Set<String> sent;

  private BaggageBoundary(Builder builder) {
    this.accepted = Set.copyOf(builder.accepted);
    this.sent = Set.copyOf(builder.sent);
  }

  /**
   * A boundary that nothing crosses.
   *
   * @return always the same object
   */
  public static BaggageBoundary closed() {
    return CLOSED;
  }

  /**
   * Starts with a boundary that nothing crosses.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Propagators that keep to this boundary, whatever headers they use for baggage: {@code baggage}, Jaeger's, OpenTracing's.
   *
   * @param propagator reads and writes baggage, and what else it may
   * @return the propagator within the boundary; what is no baggage passes as it is
   */
  public TextMapPropagator around(TextMapPropagator propagator) {
    return new Guarded(this, requireNonNull(propagator, "propagator"));
  }

  private static Baggage only(Set<String> keys, Baggage baggage) {
    BaggageBuilder listed = Baggage.builder();
    baggage.forEach((key, entry) -> {
      if (keys.contains(key)) {
        listed.put(key, entry.getValue(), entry.getMetadata());
      }
    });
    return listed.build();
  }

  @Override
  public String toString() {
    return "BaggageBoundary[accepted=" + new TreeSet<>(accepted) + ", sent=" + new TreeSet<>(sent)
        + "]";
  }

  private record Guarded(BaggageBoundary boundary, TextMapPropagator propagator)
      implements TextMapPropagator {

    @Override
    public Collection<String> fields() {
      return propagator.fields();
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
      Baggage listed = only(boundary.sent, Baggage.fromContext(context));
      propagator.inject(context.with(listed), carrier, setter);
    }

    /** What was in the context is ours and stays, unless the sender says something that is listed. */
    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
      Baggage own = Baggage.fromContext(context);
      Context bare = own.isEmpty() ? context : context.with(Baggage.empty());
      Context extracted = propagator.extract(bare, carrier, getter);
      if (extracted == bare) {
        return context;
      }
      Baggage listed = only(boundary.accepted, Baggage.fromContext(extracted));
      return extracted.with(listed.isEmpty() ? own : listed);
    }
  }

  /** Collects the keys that may cross. Confined to one thread. */
  public static final class Builder {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private final Set<String> accepted = new TreeSet<>();
    private final Set<String> sent = new TreeSet<>();

    private Builder() {}

    /**
     * Adds keys that are taken in; none by default.
     *
     * @param keys of baggage, each a token of RFC 9110
     * @return this
     */
    public Builder accept(String... keys) {
      accepted.addAll(Arrays.asList(keys));
      return this;
    }

    /**
     * Adds keys that are let out; none by default.
     *
     * @param keys of baggage, each a token of RFC 9110
     * @return this
     */
    public Builder send(String... keys) {
      sent.addAll(Arrays.asList(keys));
      return this;
    }

    /**
     * Builds the boundary.
     *
     * @return the boundary
     * @throws IllegalArgumentException if keys are no tokens; the message names them all
     */
    public BaggageBoundary build() {
      Faults faults = new Faults();
      accepted.forEach(key -> faults.check(key.matches(TOKEN), "accept", key, "a token"));
      sent.forEach(key -> faults.check(key.matches(TOKEN), "send", key, "a token"));
      faults.report();
      return new BaggageBoundary(this);
    }
  }
}
