package dev.msk.observability.release;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.release.ReleaseJudge;
import dev.msk.core.spi.Faults;
import dev.msk.observability.release.VersionCalls.Sample;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Compares a canary with the version that runs beside it, by the calls that both answered within the last five minutes.
 *
 * <pre>{@code
 * CanaryJudge judge = CanaryJudge.builder().build();
 * judge.calls("orders", instance.version()).ended(answered, nanos); // after each call, wherever it is seen who answered
 * switch (judge.judge("orders", "1.5.0", "1.4.2")) { … }
 * }</pre>
 *
 * <ul>
 *   <li><b>Fail</b>: of at least 20 calls to the candidate a greater share is bad, with a confidence of 99.5 % (two proportions, Agresti
 *       and Caffo), and it still goes on; or both have 500 calls, and its 99th percentile is above 1.5 times the baseline's and 5 ms above it.
 *   <li><b>Pass</b>: at least 100 calls to each, the share of bad ones is with a confidence of 95 % at most a percentage point above the
 *       baseline's, and the 99th percentiles could be compared.
 *   <li><b>Inconclusive</b>: anything else. No traffic never passes and never rolls back.
 * </ul>
 *
 * <p>The versions are compared at the same time, so that what hurts both, a slow database, say, is not the candidate's fault. At
 * half of the calls bad and ten a second, Fail comes within seconds.
 *
 * <p>Figures of a verdict: {@code candidate.calls}, {@code candidate.error_ratio}, {@code candidate.p99} in seconds, the same for {@code
 * baseline}, and {@code error_ratio.difference} with {@code .at_least} and {@code .at_most}.
 *
 * <p>A call costs one reading of the clock and two counters. It remembers 64 versions of services, each in some 400 kB while it is
 * called. Thread-safe.
 */
public final class CanaryJudge implements ReleaseJudge {

  private static final int MAX_VERSIONS = 64;
  private static final double SURE = 2.576;
  private static final double LIKELY = 1.645;
  private static final double LEAST_SLOWER = 0.005;
  private static final Calls UNKNOWN = (good, nanos) -> {};

  private final Builder settings;
  private final long origin;
  private final ConcurrentMap<Version, VersionCalls> versions = new ConcurrentHashMap<>();

  private CanaryJudge(Builder settings) {
    this.settings = settings;
    this.origin = settings.ticker.nanoTime();
  }

  /**
   * A judge with the bounds that stand above.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Takes the calls to one version. Thread-safe. */
  @FunctionalInterface
  public interface Calls {

    /**
     * A call has ended.
     *
     * @param good whether the service did its part: a refusal of what the caller did wrong is good
     * @param nanos how long it took
     */
    void ended(boolean good, long nanos);
  }

  /**
   * Where the calls to a version are told.
   *
   * @param service name of the service
   * @param version as its instances state it
   * @return keep it, or ask again; calls to a 65th version are told to nobody until one of the others is not called any more
   */
  public Calls calls(String service, String version) {
    Version key = new Version(service, version);
    VersionCalls known = versions.get(key);
    if (known == null) {
      if (versions.size() >= MAX_VERSIONS && !versions.values().removeIf(VersionCalls::isEmpty)) {
        return UNKNOWN;
      }
      known = versions.computeIfAbsent(
          key, missing -> new VersionCalls(settings.ticker, origin, settings.window));
    }
    return known::add;
  }

  @Override
  public Verdict judge(String service, String candidate, String baseline) {
    VersionCalls canary = versions.get(new Version(service, candidate));
    VersionCalls stable = versions.get(new Version(service, baseline));
    if (canary == null || stable == null) {
      return new Inconclusive(
          (canary == null ? candidate : baseline) + ": no calls (expected: " + settings.minimumCalls
              + ")",
          Map.of());
    }
    return judge(canary, stable);
  }

  private Verdict judge(VersionCalls canary, VersionCalls stable) {
    Sample ours = canary.lately();
    Sample theirs = stable.lately();
    Proportions errors = Proportions.of(ours.bad(), ours.all(), theirs.bad(), theirs.all());
    Map<String, Double> figures = figures(ours, theirs, errors);
    boolean comparable = Math.min(ours.all(), theirs.all()) >= settings.minimumForLatency;

    if (isWorse(ours, errors) && canary.justNow().bad() > 0) {
      return new Fail(
          "error ratio " + text(ours.errorRatio()) + ", baseline " + text(theirs.errorRatio()),
          figures);
    }
    if (comparable && isSlower(ours, theirs)) {
      return new Fail(
          "p99 " + text(ours.p99()) + " s, baseline " + text(theirs.p99()) + " s", figures);
    }
    if (Math.min(ours.all(), theirs.all()) < settings.minimumCalls) {
      return new Inconclusive(
          "calls: " + ours.all() + " and " + theirs.all() + " (expected: " + settings.minimumCalls
              + " of each)",
          figures);
    }
    if (errors.atMost(LIKELY) > settings.tolerance) {
      return new Inconclusive(
          "error ratio: up to " + text(errors.atMost(LIKELY)) + " above the baseline's (expected: "
              + settings.tolerance + ")",
          figures);
    }
    if (!comparable && settings.latencyRatio < Double.POSITIVE_INFINITY) {
      return new Inconclusive(
          "p99: of " + ours.all() + " and " + theirs.all() + " calls (expected: "
              + settings.minimumForLatency + " of each)",
          figures);
    }
    return new Pass(figures);
  }

  private boolean isWorse(Sample ours, Proportions errors) {
    return ours.all() >= settings.minimumToFail && errors.atLeast(SURE) > 0;
  }

  private boolean isSlower(Sample ours, Sample theirs) {
    return ours.p99() > settings.latencyRatio * theirs.p99()
        && ours.p99() - theirs.p99() > LEAST_SLOWER;
  }

  private static Map<String, Double> figures(Sample ours, Sample theirs, Proportions errors) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("candidate.calls", (double) ours.all());
    figures.put("candidate.error_ratio", ours.errorRatio());
    figures.put("candidate.p99", ours.p99());
    figures.put("baseline.calls", (double) theirs.all());
    figures.put("baseline.error_ratio", theirs.errorRatio());
    figures.put("baseline.p99", theirs.p99());
    figures.put("error_ratio.difference", errors.difference());
    figures.put("error_ratio.difference.at_least", errors.atLeast(SURE));
    figures.put("error_ratio.difference.at_most", errors.atMost(LIKELY));
    return figures;
  }

  private static String text(double figure) {
    return String.valueOf(Math.round(figure * 1e4) / 1e4);
  }

  private record Version(String service, String version) {

    Version {
      requireNonNull(service, "service");
      requireNonNull(version, "version");
    }
  }

  /** Builds a {@link CanaryJudge}. Confined to one thread. */
  public static final class Builder {

    private Duration window = Duration.ofMinutes(5);
    private int minimumToFail = 20;
    private int minimumCalls = 100;
    private int minimumForLatency = 500;
    private double tolerance = 0.01;
    private double latencyRatio = 1.5;
    private Ticker ticker = Ticker.system();

    private Builder() {}

    /**
     * Sets which calls count.
     *
     * @param length ten seconds or more; default five minutes. What still goes on is seen in its last tenth or two
     * @return this
     */
    public Builder window(Duration length) {
      this.window = requireNonNull(length, "length");
      return this;
    }

    /**
     * Sets how many calls there must be.
     *
     * @param toFail to the candidate, before a share of bad ones fails it; default 20
     * @param toPass to each; default 100
     * @param forLatency to each, before 99th percentiles are compared; default 500
     * @return this
     */
    public Builder minimumCalls(int toFail, int toPass, int forLatency) {
      this.minimumToFail = toFail;
      this.minimumCalls = toPass;
      this.minimumForLatency = forLatency;
      return this;
    }

    /**
     * Sets how much worse than the baseline passes.
     *
     * @param share of bad calls above the baseline's, 0 to 1; default 0.01
     * @return this
     */
    public Builder tolerance(double share) {
      this.tolerance = share;
      return this;
    }

    /**
     * Sets how much slower than the baseline passes.
     *
     * @param ratio of the 99th percentiles, more than 1; default 1.5, {@link Double#POSITIVE_INFINITY} to leave them out
     * @return this
     */
    public Builder latencyRatio(double ratio) {
      this.latencyRatio = ratio;
      return this;
    }

    /**
     * Measures time.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "value");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a judge
     * @throws IllegalArgumentException if something is out of bounds; the message names all that is
     */
    public CanaryJudge build() {
      new Faults()
          .check(window.compareTo(Duration.ofSeconds(10)) >= 0, "window", window, "10 s or more")
          .check(minimumToFail >= 1, "minimumCalls toFail", minimumToFail, "1 or more")
          .check(minimumCalls >= 1, "minimumCalls toPass", minimumCalls, "1 or more")
          .check(minimumForLatency >= 1, "minimumCalls forLatency", minimumForLatency, "1 or more")
          .check(tolerance > 0 && tolerance <= 1, "tolerance", tolerance, "more than 0, at most 1")
          .check(latencyRatio > 1, "latencyRatio", latencyRatio, "more than 1")
          .report();
      return new CanaryJudge(this);
    }
  }
}
