package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls into a server, or refuses them at once, before it has so many that it answers none in time. By default as many are let in as an
 * {@link AdaptiveLimit} of 5 to 200 finds that it can do.
 *
 * <pre>{@code
 * Admission admission = shedder.admit(Priority.DEFAULT, context);
 * if (admission instanceof Admitted admitted) {
 *   respond(request, admitted);                   // ends with admitted.done(Outcome.ok())
 * } else {
 *   respond(503);                                 // nothing was done
 * }
 * }</pre>
 *
 * <p>Calls whose deadline has passed, or is nearer than the fastest answer of the last 10 to 20 s took, are refused: nobody would see the
 * answer. {@link Priority#SHEDDABLE} is refused from 80 % of the limit on, {@link Priority#DEFAULT} from 90 %. Nothing waits: a queue before a
 * server that is too slow only makes everybody late.
 *
 * <p>Counter {@code msk.shed.admissions} with the tags {@code server}, {@code priority} and {@code decision}: {@code ADMITTED} or a
 * {@link RefusalReason}. Gauges {@code msk.shed.limit} and {@code msk.shed.in_flight}.
 *
 * <p>Thread-safe. For as long as the server lives; {@link #close()} takes its gauges out of use and nothing else.
 */
public final class LoadShedder implements AutoCloseable {

  private static final CounterSpec ADMISSIONS = CounterSpec.of(
      "msk.shed.admissions", "Calls let in or refused", "{call}", "server", "priority", "decision");

  private final Ticker ticker;
  private final AdaptiveLimit limit;
  private final LeastTime leastTime;
  private final EnumCounters<Priority> admitted;
  private final Refusal deadlineExpired;
  private final Refusal noTime;
  private final Refusal limitReached;
  private final List<GaugeType.Registration> gauges = new ArrayList<>();

  private LoadShedder(Builder builder) {
    this.ticker = builder.ticker;
    this.limit =
        builder.limit == null ? AdaptiveLimit.builder().ticker(ticker).build() : builder.limit;
    this.leastTime = new LeastTime(ticker.nanoTime());
    CounterType admissions = builder.telemetry.counter(ADMISSIONS);
    this.admitted = counters(admissions, builder.server, "ADMITTED");
    this.deadlineExpired = refusal(admissions, builder.server, RefusalReason.DEADLINE_EXPIRED);
    this.noTime = refusal(admissions, builder.server, RefusalReason.NO_TIME);
    this.limitReached = refusal(admissions, builder.server, RefusalReason.LIMIT_REACHED);
    gauges.add(builder
        .telemetry
        .gauge(GaugeSpec.of("msk.shed.limit", "Calls that are let in at once", "{call}", "server"))
        .register(limit::limit, builder.server));
    gauges.add(builder
        .telemetry
        .gauge(GaugeSpec.of("msk.shed.in_flight", "Calls that are worked on", "{call}", "server"))
        .register(limit::inFlight, builder.server));
  }

  /**
   * Starts a shedder with an adaptive limit of its own, of 5 to 200 calls.
   *
   * @param server what sheds, for metrics
   * @return a builder
   */
  public static Builder builder(String server) {
    return new Builder(server);
  }

  /**
   * Lets a call in, or refuses it. Never waits.
   *
   * @param priority how much it is missed if it is refused
   * @param context its deadline counts
   * @return that it is admitted, to be ended with {@link Admitted#done}, or that it is refused
   */
  public Admission admit(Priority priority, CallContext context) {
    long now = ticker.nanoTime();
    Deadline deadline = context.deadline().orElse(null);
    if (deadline != null) {
      long left = deadline.remainingNanos();
      if (left <= 0) {
        return deadlineExpired.of(priority);
      }
      if (left < leastTime.nanos(now)) {
        return noTime.of(priority);
      }
    }
    if (!limit.tryEnter(priority)) {
      return limitReached.of(priority);
    }
    admitted.count(priority);
    return new Admitted(this, now);
  }

  /**
   * How many calls are let in at once.
   *
   * @return the limit at this moment
   */
  public int limit() {
    return limit.limit();
  }

  /** Takes the gauges of this shedder out of use; it goes on deciding. A second call does nothing. */
  @Override
  public void close() {
    gauges.forEach(GaugeType.Registration::close);
  }

  void done(Outcome outcome, long startedAt) {
    long now = ticker.nanoTime();
    limit.leave(outcome.kind(), startedAt, now);
    if (outcome.kind() == Outcome.Kind.OK) {
      leastTime.answered(now, now - startedAt);
    }
  }

  private static Refusal refusal(CounterType admissions, String server, RefusalReason reason) {
    return new Refusal(new Refused(reason), counters(admissions, server, reason.name()));
  }

  private static EnumCounters<Priority> counters(
      CounterType admissions, String server, String decision) {
    return new EnumCounters<>(
        Priority.class, priority -> admissions.bind(server, priority.name(), decision));
  }

  /** A refusal that is counted. */
  private record Refusal(Refused refused, EnumCounters<Priority> counters) {

    Refused of(Priority priority) {
      counters.count(priority);
      return refused;
    }
  }

  /** Collects settings. Confined to one thread. */
  public static final class Builder {

    private final String server;
    private @Nullable AdaptiveLimit limit;
    private Ticker ticker = Ticker.system();
    private Telemetry telemetry = Telemetry.noop();

    private Builder(String server) {
      this.server = requireNonNull(server, "server");
    }

    /**
     * Sets how many calls are let in at once; by default a limit of its own that begins with 20 and stays between 5 and 200.
     *
     * @param value a limit with this shedder's ticker
     * @return this
     */
    public Builder limit(AdaptiveLimit value) {
      this.limit = requireNonNull(value, "limit");
      return this;
    }

    /**
     * Sets what measures calls; {@link Ticker#system()} by default.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Sets where it reports; {@link Telemetry#noop()} by default.
     *
     * @param value telemetry
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Builds the shedder.
     *
     * @return a shedder that has let in nothing
     * @throws IllegalArgumentException that names every fault
     */
    public LoadShedder build() {
      new Faults()
          .check(!server.isBlank(), "server", "\"" + server + "\"", "not blank")
          .report();
      return new LoadShedder(this);
    }
  }
}
