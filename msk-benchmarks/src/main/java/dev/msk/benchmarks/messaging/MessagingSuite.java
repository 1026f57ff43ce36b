package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Suite;
import java.util.List;

/** The messaging path: envelope, outbox, relay, inbox, on PostgreSQL and Kafka. */
public final class MessagingSuite {

  private MessagingSuite() {}

  /**
   * The suite {@code messaging}.
   *
   * @return its measures, quick ones first
   */
  public static Suite suite() {
    return new Suite(
        "messaging",
        List.of(
            new Codec(),
            new Wal(1),
            new Wal(100),
            TransactionCost.publishThenCommit(),
            TransactionCost.publishAndCommit(),
            new InboxBatches(false),
            new Drain(
                "relay-drain-1KiB",
                1_000,
                "ours >= 0.8 * floor && ours >= 1.5 * peers[\"Debezium\"] && ours >= 10 *"
                    + " max(peers[\"transaction-outbox\"], peers[\"namastack\"], peers[\"Spring Modulith\"])",
                true),
            new Drain("relay-drain-hot-key", 1, "ours >= 0.8 * floor", false),
            new SeveralRelays(2),
            new SeveralRelays(4),
            new Takeover(),
            Latency.at(500),
            Latency.atHalfOfDrain(),
            new InboxBatches(true)));
  }
}
