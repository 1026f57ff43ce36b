package dev.msk.observability.messaging;

import static java.util.Objects.requireNonNull;

import dev.msk.messaging.OutboxRelay;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;

/** Asks whether somebody sends the events of an outbox. */
public final class RelayCheck {

  private RelayCheck() {}

  /**
   * Up when this relay holds partitions, or when relays of other processes hold some; down when nobody does, and when the
   * database, which must be asked only if this relay holds none, cannot be.
   *
   * @param relay of this process
   * @return the check
   */
  public static HealthCheck of(OutboxRelay relay) {
    requireNonNull(relay, "relay");
    return () -> {
      int own = relay.partitions().size();
      if (own > 0) {
        return Health.up().with("partitions", String.valueOf(own));
      }
      int others = relay.heldPartitions();
      return others > 0
          ? Health.up().with("partitions", "0").with("elsewhere", String.valueOf(others))
          : Health.down("no relay holds a partition");
    };
  }
}
