package dev.msk.benchmarks.messaging;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.OutboxRelay;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A way from a transaction to the broker, whose relay runs until it is closed. */
interface Route extends AutoCloseable {

  void publish(Connection tx, List<EventEnvelope> events) throws SQLException;

  /** Is told at once when a transaction has been committed. */
  void committed();

  @Override
  void close() throws SQLException, InterruptedException;

  /** Ours, with the defaults of the library. */
  static Route ours(Backlog backlog) {
    OutboxRelay relay = backlog.relay("one").start();
    return new Route() {
      @Override
      public void publish(Connection tx, List<EventEnvelope> events) {
        backlog.outbox().publish(tx, events);
      }

      @Override
      public void committed() {
        backlog.outbox().committed();
      }

      @Override
      public void close() {
        relay.close();
      }
    };
  }
}
