package dev.msk.saga.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sagas in PostgreSQL 14 or newer. A move and its line of history are one statement, one round trip. Thread-safe.
 */
public final class PostgresSagaStore implements SagaStore {

  private final SagaSql sql;

  private PostgresSagaStore(TableNames names) {
    this.sql = new SagaSql(names);
  }

  /**
   * The tables {@code msk_saga…} in the schema that the connection's search path finds.
   *
   * @return a store
   */
  public static PostgresSagaStore of() {
    return of(TableNames.defaults());
  }

  /**
   * The tables under the names that are given.
   *
   * @param names schema and prefix of the tables
   * @return a store
   */
  public static PostgresSagaStore of(TableNames names) {
    return new PostgresSagaStore(names);
  }

  @Override
  public String register(Connection tx, DefinitionId definition, String fingerprint)
      throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(sql.register)) {
      insert.setString(1, definition.name());
      insert.setInt(2, definition.version());
      insert.setString(3, fingerprint);
      insert.executeUpdate();
    }
    try (PreparedStatement select = tx.prepareStatement(sql.fingerprint)) {
      select.setString(1, definition.name());
      select.setInt(2, definition.version());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  @Override
  public Optional<UUID> insert(Connection tx, NewSaga saga) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(sql.insert)) {
      insert.setObject(1, saga.id());
      insert.setString(2, saga.definition().name());
      insert.setInt(3, saga.definition().version());
      insert.setString(4, saga.businessKey());
      insert.setString(5, saga.step());
      insert.setBytes(6, saga.state());
      setMicros(insert, 7, saga.deadline());
      insert.setString(8, saga.origin().correlationId());
      insert.setString(9, saga.origin().traceParent());
      insert.setString(10, saga.origin().traceState());
      if (insert.executeUpdate() == 1) {
        return Optional.empty();
      }
    }
    return Optional.of(find(tx, saga.definition().name(), saga.businessKey())
        .orElseThrow(() -> new SQLException(
            "saga " + saga.definition().name() + " " + saga.businessKey()
                + ": exists and cannot be seen (expected: isolation read committed)",
            "40001"))
        .id());
  }

  @Override
  public List<SagaRow> claim(
      Connection tx, SagaOwner owner, Collection<DefinitionId> definitions, int atMost)
      throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.claim)) {
      update.setString(1, owner.name());
      update.setLong(2, owner.epoch());
      update.setArray(
          3,
          tx.createArrayOf("text", definitions.stream().map(DefinitionId::name).toArray()));
      update.setArray(
          4,
          tx.createArrayOf(
              "int4", definitions.stream().map(DefinitionId::version).toArray()));
      update.setInt(5, atMost);
      return rows(update);
    }
  }

  @Override
  public boolean move(Connection tx, SagaFence fence, SagaMove move) throws SQLException {
    SagaTransition transition = move.transition();
    SagaOwner owner = fence.owner();
    try (PreparedStatement update = tx.prepareStatement(sql.move)) {
      update.setString(1, transition.to().name());
      update.setInt(2, move.position());
      update.setString(3, move.step());
      update.setBoolean(4, move.pivoted());
      update.setInt(5, move.attempts());
      update.setBoolean(6, move.maybe());
      update.setBytes(7, move.state());
      update.setString(8, move.error());
      update.setString(9, move.then().name());
      update.setLong(10, micros(move.wakeIn()));
      update.setBoolean(11, move.byDeadline());
      update.setObject(12, fence.id());
      setEpoch(update, 13, owner);
      update.setLong(14, fence.rev());
      update.setString(15, transition.from().orElseThrow().name());
      update.setString(16, transition.name());
      update.setString(17, move.triedStep());
      update.setInt(18, move.attempt());
      update.setString(19, move.attemptError());
      update.setString(20, owner == null ? null : owner.name());
      return update.executeUpdate() == 1;
    }
  }

  @Override
  public boolean handBack(Connection tx, SagaFence fence) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.handBack)) {
      update.setObject(1, fence.id());
      setEpoch(update, 2, fence.owner());
      update.setLong(3, fence.rev());
      return update.executeUpdate() == 1;
    }
  }

  @Override
  public Set<Long> owners(Connection tx) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.owners);
        ResultSet row = select.executeQuery()) {
      Set<Long> epochs = new HashSet<>();
      while (row.next()) {
        epochs.add(row.getLong(1));
      }
      return epochs;
    }
  }

  @Override
  public int releaseFrom(Connection tx, Collection<Long> epochs, int atMost) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.releaseFrom)) {
      update.setArray(1, tx.createArrayOf("int8", epochs.toArray()));
      update.setInt(2, atMost);
      return update.executeUpdate();
    }
  }

  @Override
  public int releaseAllBut(Connection tx, SagaOwner owner, Collection<UUID> atWork)
      throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.releaseAllBut)) {
      update.setLong(1, owner.epoch());
      update.setArray(2, tx.createArrayOf("uuid", atWork.toArray()));
      return update.executeUpdate();
    }
  }

  @Override
  public Received receive(Connection tx, SagaReply reply) throws SQLException {
    try (PreparedStatement lock = tx.prepareStatement(sql.lock)) {
      lock.setObject(1, reply.sagaId());
      try (ResultSet row = lock.executeQuery()) {
        if (!row.next()) {
          return Received.UNKNOWN_SAGA;
        }
      }
    }
    try (PreparedStatement insert = tx.prepareStatement(sql.keepReply)) {
      insert.setObject(1, reply.sagaId());
      insert.setString(2, reply.step());
      insert.setBoolean(3, reply.undo());
      insert.setString(4, reply.source());
      insert.setString(5, reply.messageId());
      insert.setString(6, reply.type());
      insert.setBytes(7, reply.data());
      if (insert.executeUpdate() == 0) {
        return Received.DUPLICATE;
      }
    }
    SagaTransition arrow = reply.undo() ? SagaTransition.REPLY_BACK : SagaTransition.REPLY;
    try (PreparedStatement update = tx.prepareStatement(sql.wakeByReply)) {
      update.setObject(1, reply.sagaId());
      update.setString(2, reply.step());
      update.setString(3, arrow.from().orElseThrow().name());
      update.setString(4, arrow.name());
      return update.executeUpdate() == 1 ? Received.ACCEPTED : Received.LATE;
    }
  }

  @Override
  public Optional<SagaReply> reply(Connection tx, UUID saga, String step, boolean undo)
      throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.reply)) {
      select.setObject(1, saga);
      select.setString(2, step);
      select.setBoolean(3, undo);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(new SagaReply(
                saga,
                step,
                undo,
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getBytes(4)))
            : Optional.empty();
      }
    }
  }

  @Override
  public Optional<SagaRow> find(Connection tx, UUID saga) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.findById)) {
      select.setObject(1, saga);
      return rows(select).stream().findFirst();
    }
  }

  @Override
  public Optional<SagaRow> find(Connection tx, String definition, String businessKey)
      throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.findByKey)) {
      select.setString(1, definition);
      select.setString(2, businessKey);
      return rows(select).stream().findFirst();
    }
  }

  @Override
  public List<SagaRow> stuck(Connection tx, int atMost) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.stuck)) {
      select.setInt(1, atMost);
      return rows(select);
    }
  }

  @Override
  public List<SagaStep> history(Connection tx, UUID saga) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.history)) {
      select.setObject(1, saga);
      try (ResultSet row = select.executeQuery()) {
        List<SagaStep> steps = new ArrayList<>();
        while (row.next()) {
          steps.add(new SagaStep(
              row.getLong(1),
              SagaTransition.valueOf(row.getString(2)),
              row.getString(3),
              row.getInt(4),
              row.getString(5),
              row.getString(6),
              row.getObject(7, OffsetDateTime.class).toInstant()));
        }
        return steps;
      }
    }
  }

  @Override
  public void audit(Connection tx, UUID saga, String action, String who, String reason)
      throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(sql.audit)) {
      insert.setObject(1, saga);
      insert.setString(2, action);
      insert.setString(3, who);
      insert.setString(4, reason);
      insert.executeUpdate();
    }
  }

  @Override
  public int purge(Connection tx, Duration keep, int atMost) throws SQLException {
    try (PreparedStatement delete = tx.prepareStatement(sql.purge)) {
      delete.setLong(1, micros(keep));
      delete.setInt(2, atMost);
      try (ResultSet row = delete.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  private static List<SagaRow> rows(PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      List<SagaRow> rows = new ArrayList<>();
      while (row.next()) {
        rows.add(SagaSql.row(row));
      }
      return rows;
    }
  }

  private static void setEpoch(PreparedStatement statement, int index, @Nullable SagaOwner owner)
      throws SQLException {
    if (owner == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, owner.epoch());
    }
  }

  private static void setMicros(PreparedStatement statement, int index, @Nullable Duration value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, micros(value));
    }
  }

  private static long micros(Duration value) {
    return value.toNanos() / 1_000;
  }
}
