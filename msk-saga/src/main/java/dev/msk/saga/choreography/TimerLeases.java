package dev.msk.saga.choreography;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Lease;
import dev.msk.core.jdbc.Leases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which participants' timers this process fires: one lease for each participant and version, so that in a rolling deployment each version
 * has somebody who reads its states. Confined to the loop's thread.
 */
final class TimerLeases {

  private static final String PREFIX = "choreography/";
  private static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);

  private final Leases leases;
  private final Ticker ticker;
  private final List<String> names;
  private Map<String, Lease> held = Map.of();
  private Deadline renewal;

  TimerLeases(ChoreographySettings settings) {
    this.leases = settings.leases();
    this.ticker = settings.ticker();
    this.names =
        settings.participants().values().stream().map(TimerLeases::name).toList();
    this.renewal = Deadline.after(Duration.ZERO, ticker);
  }

  /** Renews when it is time to, and asks for what somebody else has. */
  void tend() {
    if (!renewal.isExpired()) {
      return;
    }
    List<Lease> now = new ArrayList<>(leases.renew(held.values()));
    held = byName(now);
    now.addAll(leases.tryAcquire(
        names.stream().filter(name -> !held.containsKey(name)).toList(), names.size()));
    held = byName(now);
    renewal = Deadline.after(leases.ttl().dividedBy(3), ticker);
  }

  @Nullable
  Lease of(Participant<?, ?> participant) {
    Lease lease = held.get(name(participant));
    return lease == null || lease.isExpired() ? null : lease;
  }

  Duration untilRenewal() {
    return renewal.remaining();
  }

  void forgetOld() {
    int unused = leases.forget(PREFIX, FORGOTTEN_AFTER);
  }

  void release() {
    Map<String, Lease> last = held;
    held = Map.of();
    leases.release(last.values());
  }

  private static Map<String, Lease> byName(List<Lease> leases) {
    Map<String, Lease> named = new HashMap<>();
    leases.forEach(lease -> named.put(lease.name(), lease));
    return named;
  }

  private static String name(Participant<?, ?> participant) {
    return PREFIX + participant.name() + "/v" + participant.version();
  }
}
