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

  private final BoundCounter verified;
  private final Map<Reason, BoundCounter> rejected = new EnumMap<>(Reason.class);
  private final BoundCounter hits;
  private final BoundCounter misses;

  VerificationCounts(Telemetry telemetry) {
    CounterType results = telemetry.counter(CounterSpec.of(
        "msk.security.token.verifications", "Access tokens by result", "{token}", "result"));
    this.verified = results.bind("verified");
    for (Reason reason : Reason.values()) {
      rejected.put(reason, results.bind(reason.name().toLowerCase(Locale.ROOT)));
    }
    CounterType lookups = telemetry.counter(CounterSpec.of(
        "msk.security.token.cache.lookups",
        "Look-ups of verified tokens that are remembered",
        "{lookup}",
        "result"));
    this.hits = lookups.bind("hit");
    this.misses = lookups.bind("miss");
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
