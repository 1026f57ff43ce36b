package dev.msk.saga.jdbc;

import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What sagas work on alone. A target's row is locked before any saga's row, by whoever starts, ends, or gives up: so nobody joins the
 * queue between the look at it and the end of the transaction that looks. Thread-safe.
 */
final class PostgresTargets {

  private final SagaSql sql;
  private final PostgresMoves moves;

  PostgresTargets(SagaSql sql, PostgresMoves moves) {
    this.sql = sql;
    this.moves = moves;
  }

  Optional<UUID> acquire(Connection tx, String target, UUID saga, boolean wait)
      throws SQLException {
    UUID holder;
    try (PreparedStatement insert = tx.prepareStatement(sql.acquire)) {
      insert.setString(1, target);
      insert.setObject(2, saga);
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        holder = row.getObject(1, UUID.class);
      }
    }
    if (holder.equals(saga)) {
      return Optional.empty();
    }
    if (wait) {
      try (PreparedStatement insert = tx.prepareStatement(sql.queue)) {
        insert.setString(1, target);
        insert.setObject(2, saga);
        insert.executeUpdate();
      }
    }
    return Optional.of(holder);
  }

  void giveBack(Connection tx, String target, UUID saga) throws SQLException {
    giveBack(tx, target, saga, holder(tx, target));
  }

  /** A move that ends a saga. */
  SagaMoved end(Connection tx, SagaFence fence, SagaMove move, String target) throws SQLException {
    UUID holder = holder(tx, target);
    SagaMoved moved = moves.one(tx, fence, move);
    if (moved.done()) {
      giveBack(tx, target, fence.id(), holder);
    }
    return moved;
  }

  private void giveBack(Connection tx, String target, UUID saga, @Nullable UUID holder)
      throws SQLException {
    if (!saga.equals(holder)) {
      try (PreparedStatement delete = tx.prepareStatement(sql.leaveQueue)) {
        delete.setObject(1, saga);
        delete.executeUpdate();
      }
    } else if (!isPassedOn(tx, target)) {
      try (PreparedStatement delete = tx.prepareStatement(sql.dropTarget)) {
        delete.setString(1, target);
        delete.executeUpdate();
      }
    }
  }

  private boolean isPassedOn(Connection tx, String target) throws SQLException {
    try (PreparedStatement pass = tx.prepareStatement(sql.passOn)) {
      pass.setString(1, target);
      pass.setString(2, target);
      return pass.executeUpdate() == 1;
    }
  }

  private @Nullable UUID holder(Connection tx, String target) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.lockTarget)) {
      select.setString(1, target);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getObject(1, UUID.class) : null;
      }
    }
  }
}
