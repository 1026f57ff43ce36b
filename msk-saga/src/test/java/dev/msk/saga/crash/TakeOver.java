package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** What a dead coordinator owned, and how long it takes until another one has gone on with all of it, by the database's clock. */
final class TakeOver {

  private final TransferServices services;
  private final String dead;
  private final String killedAt;
  private final List<String> orphans;

  TakeOver(TransferServices services, String dead) throws SQLException {
    this.services = services;
    this.dead = dead;
    this.killedAt = services.query("SELECT clock_timestamp()").get(0);
    this.orphans = services.query("SELECT id FROM msk_saga WHERE owner = '" + dead + "'");
  }

  int size() {
    return orphans.size();
  }

  /** From the death to the first line that another node wrote for the saga that waited longest; zero if nothing was owned. */
  Duration await() throws Exception {
    if (orphans.isEmpty()) {
      return Duration.ZERO;
    }
    String goneOnWith =
        "SELECT h.saga_id, min(h.at) AS at FROM msk_saga_step h WHERE h.saga_id IN ('"
            + String.join("','", orphans) + "') AND h.node <> '" + dead + "' AND h.at > '"
            + killedAt
            + "' GROUP BY h.saga_id";
    eventually(
        orphans.size() + " sagas of " + dead + " go on elsewhere",
        () -> services.query(goneOnWith).size() == orphans.size());
    String longest = services
        .query("SELECT ceil(extract(epoch FROM max(at) - '" + killedAt
            + "'::timestamptz) * 1000)::bigint FROM (" + goneOnWith + ") AS taken")
        .get(0);
    return Duration.ofMillis(Long.parseLong(longest));
  }
}
