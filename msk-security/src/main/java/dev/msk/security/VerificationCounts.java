package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** One counter per outcome, bound ahead. Thread-safe. */
final class VerificationCounts {

  private static final String CACHE = "msk.security.token.cache.lookups";

  private final BoundCounter verified;
  private final Map<Reason, BoundCounter> rejected = new EnumMap<>(Reason.class);
  private final BoundCounter hits;
  private final BoundCounter misses;

  private VerificationCounts(CounterType results, CounterType lookups) {
    this.verified = results.bind("verified");
    for (Reason reason : Reason.values()) {
      rejected.put(reason, results.bind(reason.name().toLowerCase(Locale.ROOT)));
    }
    this.hits = lookups.bind("hit");
    this.misses = lookups.bind("miss");
  }

  /** Of the credentials of a check that has no cache, or one that nobody counts. */
  static VerificationCounts of(Telemetry telemetry, String name, String description, String unit) {
    return new VerificationCounts(
        telemetry.counter(CounterSpec.of(name, description, unit, "result")),
        Telemetry.noop().counter(CounterSpec.of(CACHE, "", "{lookup}", "result")));
  }

  static VerificationCounts ofTokens(Telemetry telemetry) {
    return new VerificationCounts(
        telemetry.counter(CounterSpec.of(
            "msk.security.token.verifications", "Access tokens by result", "{token}", "result")),
        telemetry.counter(CounterSpec.of(
            CACHE, "Look-ups of verified tokens that are remembered", "{lookup}", "result")));
  }

  Verification counted(Verification result) {
    BoundCounter counter =
        result instanceof Rejected refused ? rejected.get(refused.reason()) : verified;
    requireNonNull(counter, "counter").add(1);
    return result;
  }

  void looked(boolean hit) {
    (hit ? hits : misses).add(1);
  }
}
