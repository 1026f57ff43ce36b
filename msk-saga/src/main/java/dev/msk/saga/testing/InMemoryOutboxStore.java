package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import dev.msk.saga.testing.InMemoryDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The outbox of a simulation: committed commands wait here until chance delivers them. */
final class SimulatedMail implements OutboxStore {

  final List<EventEnvelope> commands = new ArrayList<>();
  private final InMemoryDatabase database;

  SimulatedMail(InMemoryDatabase database) {
    this.database = database;
  }

  @Override
  public int partitions() {
    return 1;
  }

  @Override
  public void insert(Connection tx, List<OutboxRecord> records) throws SQLException {
    int before = commands.size();
    records.forEach(outgoing -> commands.add(outgoing.event()));
    database.onRollback(tx, () -> commands.subList(before, commands.size()).clear());
  }

  @Override
  public void insertDelayed(Connection tx, List<OutboxRecord> records, Instant availableAt) {
    throw new UnsupportedOperationException("sagas delay no events");
  }

  @Override
  public int release(int atMost) {
    return 0;
  }

  @Override
  public OutboxReader read(Collection<OwnedPartition> owned) throws SQLException {
    throw DatabaseException.during("reading", new SQLException("no relay in a simulation"));
  }

  @Override
  public int purge(Duration keep, int atMost) {
    return 0;
  }
}
