package dev.msk.saga.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The outbox of sagas in memory, for tests: what committed transactions of an {@link InMemoryDatabase} published waits here for the test to
 * take it; no relay can read it. Confined to one thread.
 */
public final class InMemoryOutboxStore implements OutboxStore {

  private final List<EventEnvelope> events = new ArrayList<>();
  private final InMemoryDatabase database;

  private InMemoryOutboxStore(InMemoryDatabase database) {
    this.database = requireNonNull(database, "database");
  }

  /**
   * An empty outbox.
   *
   * @param database whose transactions it takes part in
   * @return a store
   */
  public static InMemoryOutboxStore of(InMemoryDatabase database) {
    return new InMemoryOutboxStore(database);
  }

  /**
   * What was published.
   *
   * @return the oldest first; a live list, from which the test may take what it has delivered
   */
  public List<EventEnvelope> events() {
    return events;
  }

  @Override
  public int partitions() {
    return 1;
  }

  @Override
  public void insert(Connection tx, List<OutboxRecord> records) throws SQLException {
    int before = events.size();
    records.forEach(outgoing -> events.add(outgoing.event()));
    database.onRollback(tx, () -> events.subList(before, events.size()).clear());
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
    throw DatabaseException.during("reading", new SQLException("no relay in memory"));
  }

  @Override
  public int purge(Duration keep, int atMost) {
    return 0;
  }
}
