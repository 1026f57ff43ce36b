package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Whether a process lives, can serve, and has started.
 *
 * <p>Checks of readiness and startup are asked in the background, each on its own: a probe reads the last results and never
 * waits, however slow a dependency is. A check that does not answer within the timeout is {@code DOWN}; it is not asked a second
 * time while it hangs. Without a result, or when the last one is too old because nobody could ask, it is {@code UNKNOWN}, which
 * serves no traffic. A startup check is asked until it is up, and never again. Checks of liveness cannot wait, by their type,
 * and are asked by the probe itself.
 *
 * <p>Thread-safe. Runs on the given scheduler and executor from {@link #start()} to {@link #close()}; makes no thread.
 */
public final class HealthChecks implements AutoCloseable {

  private final List<LivenessCheck> liveness;
  private final Map<String, RefreshedCheck> readiness = new LinkedHashMap<>();
  private final Map<String, RefreshedCheck> optional = new LinkedHashMap<>();
  private final Map<String, RefreshedCheck> startup = new LinkedHashMap<>();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean draining;

  private HealthChecks(Builder builder) {
    this.liveness = List.copyOf(builder.liveness);
    RefreshedCheck.Rhythm rhythm = new RefreshedCheck.Rhythm(
        builder.scheduler,
        builder.executor,
        builder.ticker,
        builder.interval,
        builder.timeout,
        builder.staleAfter);
    builder.readiness.forEach(
        (name, check) -> readiness.put(name, new RefreshedCheck(name, check, rhythm, false)));
    builder.optional.forEach(
        (name, check) -> optional.put(name, new RefreshedCheck(name, check, rhythm, false)));
    builder.startup.forEach(
        (name, check) -> startup.put(name, new RefreshedCheck(name, check, rhythm, true)));
  }

  /**
   * Checks every 5 s, with a timeout of 2 s; a result is too old after 20 s.
   *
   * @param scheduler says when
   * @param executor runs the checks, which may block: give it as many threads as there are checks, or virtual ones
   * @return a builder with these defaults and no check
   */
  public static Builder builder(Scheduler scheduler, Executor executor) {
    return new Builder(scheduler, executor);
  }

  /**
   * Asks everything for the first time and goes on asking.
   *
   * @return this
   * @throws IllegalStateException when it was started before
   */
  public HealthChecks start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("health checks: started (expected: new)");
    }
    refreshed().forEach(RefreshedCheck::refresh);
    return this;
  }

  /**
   * Makes readiness {@code OUT_OF_SERVICE} from now on: the first step of stopping, so that no new request comes.
   */
  public void drain() {
    draining = true;
  }

  /**
   * What is known about a group. It does not wait.
   *
   * @param group what is asked
   * @return the worst of its checks, and each of them; optional checks are shown with readiness and do not count
   */
  public HealthReport report(HealthGroup group) {
    return switch (group) {
      case LIVENESS -> live();
      case READINESS -> ready();
      case STARTUP -> report(read(startup), Map.of(), HealthStatus.UP);
    };
  }

  /** Stops asking. A check that is under way is left to end by itself. Idempotent. */
  @Override
  public void close() {
    refreshed().forEach(RefreshedCheck::close);
  }

  private HealthReport live() {
    Map<String, Health> results = new LinkedHashMap<>();
    liveness.forEach(check -> results.put(check.name(), check.check()));
    return report(results, Map.of(), HealthStatus.UP);
  }

  private HealthReport ready() {
    HealthStatus best = draining ? HealthStatus.OUT_OF_SERVICE : HealthStatus.UP;
    return report(read(readiness), read(optional), best);
  }

  private static HealthReport report(
      Map<String, Health> counting, Map<String, Health> shown, HealthStatus best) {
    HealthStatus worst = best;
    for (Health health : counting.values()) {
      worst = health.status().compareTo(worst) < 0 ? health.status() : worst;
    }
    Map<String, Health> all = new LinkedHashMap<>(counting);
    all.putAll(shown);
    return new HealthReport(worst, all);
  }

  private static Map<String, Health> read(Map<String, RefreshedCheck> checks) {
    Map<String, Health> results = new LinkedHashMap<>();
    checks.forEach((name, check) -> results.put(name, check.read()));
    return results;
  }

  private Stream<RefreshedCheck> refreshed() {
    return Stream.of(startup, readiness, optional).flatMap(checks -> checks.values().stream());
  }

  /** Collects the checks. Confined to one thread. */
  public static final class Builder {

    private final Scheduler scheduler;
    private final Executor executor;
    private final List<LivenessCheck> liveness = new ArrayList<>();
    private final Map<String, HealthCheck> readiness = new LinkedHashMap<>();
    private final Map<String, HealthCheck> optional = new LinkedHashMap<>();
    private final Map<String, HealthCheck> startup = new LinkedHashMap<>();
    private final Set<String> repeated = new TreeSet<>();
    private Duration interval = Duration.ofSeconds(5);
    private Duration timeout = Duration.ofSeconds(2);
    private Duration staleAfter = Duration.ofSeconds(20);
    private Ticker ticker = Ticker.system();

    private Builder(Scheduler scheduler, Executor executor) {
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Adds a check of the process itself. One of a dependency is not of this type.
     *
     * @param check from {@link LivenessCheck} or {@link Heartbeat}
     * @return this
     */
    public Builder liveness(LivenessCheck check) {
      if (liveness.stream().anyMatch(other -> other.name().equals(check.name()))) {
        repeated.add(check.name());
      }
      liveness.add(check);
      return this;
    }

    /**
     * Adds a check without which the process cannot serve.
     *
     * @param name shown with the result
     * @param check asks
     * @return this
     */
    public Builder readiness(String name, HealthCheck check) {
      return put(readiness, name, check);
    }

    /**
     * Adds a check of something that the process can do without: shown with readiness, not counted.
     *
     * @param name shown with the result
     * @param check asks
     * @return this
     */
    public Builder optional(String name, HealthCheck check) {
      return put(optional, name, check);
    }

    /**
     * Adds a check that must be up once before the process counts as started.
     *
     * @param name shown with the result
     * @param check asks
     * @return this
     */
    public Builder startup(String name, HealthCheck check) {
      return put(startup, name, check);
    }

    /**
     * Sets how often each check is asked.
     *
     * @param value above zero; default 5 s
     * @return this
     */
    public Builder interval(Duration value) {
      this.interval = requireNonNull(value, "interval");
      return this;
    }

    /**
     * Sets after which time without an answer a check is down.
     *
     * @param value above zero; default 2 s
     * @return this
     */
    public Builder timeout(Duration value) {
      this.timeout = requireNonNull(value, "timeout");
      return this;
    }

    /**
     * Sets after which time a result is worth nothing.
     *
     * @param value more than the interval; default 20 s
     * @return this
     */
    public Builder staleAfter(Duration value) {
      this.staleAfter = requireNonNull(value, "staleAfter");
      return this;
    }

    /**
     * Measures time by another ticker.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Makes the checks, which are not asked until they are started.
     *
     * @return the checks
     * @throws IllegalArgumentException naming everything that is out of bounds
     */
    public HealthChecks build() {
      List<String> faults = new ArrayList<>();
      repeated.forEach(name -> faults.add("name: " + name + " (expected: each name once)"));
      if (interval.isNegative() || interval.isZero()) {
        faults.add("interval: " + interval + " (expected: > 0)");
      }
      if (timeout.isNegative() || timeout.isZero()) {
        faults.add("timeout: " + timeout + " (expected: > 0)");
      }
      if (staleAfter.compareTo(interval) <= 0) {
        faults.add("staleAfter: " + staleAfter + " (expected: > interval, " + interval + ")");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new HealthChecks(this);
    }

    private Builder put(Map<String, HealthCheck> checks, String name, HealthCheck check) {
      requireNonNull(name, "name");
      boolean shownTogether =
          checks != startup && (readiness.containsKey(name) || optional.containsKey(name));
      if (shownTogether || checks.containsKey(name)) {
        repeated.add(name);
      }
      checks.put(name, requireNonNull(check, "check"));
      return this;
    }
  }
}
