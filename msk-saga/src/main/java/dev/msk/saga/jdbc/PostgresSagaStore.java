package dev.msk.saga.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.saga.SagaFilter;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaWrite;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
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
  private final PostgresStarts starts;
  private final PostgresMoves moves;
  private final PostgresTargets targets;

  private PostgresSagaStore(TableNames names) {
    this.sql = new SagaSql(names);
    this.starts = new PostgresStarts(sql);
    this.moves = new PostgresMoves(sql);
    this.targets = new PostgresTargets(sql, moves);
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
  public boolean writesByStatement() {
    return true;
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
  public SagaInsertion insert(Connection tx, NewSaga saga) throws SQLException {
    return starts.one(tx, saga);
  }

  @Override
  public List<SagaInsertion> insertAll(Connection tx, List<NewSaga> sagas) throws SQLException {
    return starts.all(tx, sagas);
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
  public SagaMoved move(Connection tx, SagaFence fence, SagaMove move) throws SQLException {
    String target = fence.target();
    return target != null && move.transition().to().isEnded()
        ? targets.end(tx, fence, move, target)
        : moves.one(tx, fence, move);
  }

  @Override
  public List<Optional<SagaMoved>> moveAll(Connection tx, List<SagaWrite> writes)
      throws SQLException {
    return moves.all(tx, writes);
  }

  @Override
  public boolean migrate(Connection tx, SagaFence fence, SagaRelocation relocation)
      throws SQLException {
    return fence.owner() == null && moves.migrate(tx, fence, relocation);
  }

  @Override
  public Optional<UUID> acquire(Connection tx, String target, UUID saga, boolean wait)
      throws SQLException {
    return targets.acquire(tx, target, saga, wait);
  }

  @Override
  public void giveBack(Connection tx, String target, UUID saga) throws SQLException {
    targets.giveBack(tx, target, saga);
  }

  @Override
  public Optional<SagaRow> lock(Connection tx, UUID saga) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.lock)) {
      select.setObject(1, saga);
      return rows(select).stream().findFirst();
    }
  }

  @Override
  public void cancel(Connection tx, UUID saga, String reason, boolean wake) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.cancel)) {
      update.setString(1, reason);
      update.setBoolean(2, wake);
      update.setObject(3, saga);
      update.executeUpdate();
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
    Optional<SagaRow> saga = lock(tx, reply.sagaId());
    if (saga.isEmpty()) {
      return Received.UNKNOWN_SAGA;
    }
    if (saga.get().status().isEnded()) {
      return reply(tx, reply.sagaId(), reply.step(), reply.undo()).isPresent()
          ? Received.DUPLICATE
          : Received.ENDED;
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
      return update.executeUpdate() == 1 ? Received.ACCEPTED : Received.KEPT;
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
  public Instant now(Connection tx) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement("SELECT clock_timestamp()");
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
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
  public List<SagaRow> children(Connection tx, UUID parent, String step) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.children)) {
      select.setObject(1, parent);
      select.setString(2, step);
      return rows(select);
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
  public List<SagaRow> list(Connection tx, SagaFilter filter, int atMost) throws SQLException {
    Array statuses = filter.statuses().isEmpty()
        ? null
        : tx.createArrayOf(
            "text", filter.statuses().stream().map(SagaStatus::name).toArray());
    try (PreparedStatement select = tx.prepareStatement(sql.list)) {
      select.setString(1, filter.definition());
      select.setString(2, filter.definition());
      select.setString(3, filter.keyPrefix());
      select.setArray(4, statuses);
      select.setArray(5, statuses);
      select.setObject(6, filter.before(), Types.OTHER);
      select.setObject(7, filter.before(), Types.OTHER);
      select.setInt(8, atMost);
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
      delete.setLong(1, keep.toNanos() / 1_000);
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
}
