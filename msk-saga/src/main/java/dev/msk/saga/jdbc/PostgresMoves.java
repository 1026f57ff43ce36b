package dev.msk.saga.jdbc;

import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaWrite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes moves: one, or many with an array for each column. The columns have the same order in both. Thread-safe. */
final class PostgresMoves {

  private static final List<Column<SagaWrite>> COLUMNS = List.of(
      new Column<>("uuid", write -> write.fence().id()),
      new Column<>("int8", write -> epoch(write.fence())),
      new Column<>("int8", write -> write.fence().rev()),
      new Column<>(
          "text", write -> write.move().transition().from().orElseThrow().name()),
      new Column<>("text", write -> write.move().transition().to().name()),
      new Column<>("int4", write -> write.move().position()),
      new Column<>("text", write -> write.move().step()),
      new Column<>("bool", write -> write.move().pivoted()),
      new Column<>("int4", write -> write.move().attempts()),
      new Column<>("bool", write -> write.move().maybe()),
      new Column<>("bytea", write -> write.move().state()),
      new Column<>("text", write -> write.move().error()),
      new Column<>("text", write -> write.move().then().name()),
      new Column<>("int8", write -> micros(write.move().wakeIn())),
      new Column<>("bool", write -> write.move().byDeadline()),
      new Column<>("text", write -> write.move().transition().name()),
      new Column<>("text", write -> write.move().triedStep()),
      new Column<>("int4", write -> write.move().attempt()),
      new Column<>("text", write -> write.move().attemptError()),
      new Column<>("text", write -> node(write.fence())));

  private static final Optional<SagaMoved> REFUSED = Optional.of(SagaMoved.REFUSED);

  private final SagaSql sql;

  PostgresMoves(SagaSql sql) {
    this.sql = sql;
  }

  SagaMoved one(Connection tx, SagaFence fence, SagaMove move) throws SQLException {
    SagaWrite write = new SagaWrite(fence, move);
    try (PreparedStatement update = tx.prepareStatement(sql.move)) {
      Column.set(update, COLUMNS, write);
      try (ResultSet row = update.executeQuery()) {
        if (!row.next()) {
          return SagaMoved.REFUSED;
        }
        UUID parent = row.getObject(2, UUID.class);
        if (parent != null && move.transition().to().isEnded()) {
          wakeParent(tx, parent, row.getString(3));
        }
        return SagaMoved.done(row.getString(1));
      }
    }
  }

  private void wakeParent(Connection tx, UUID parent, String step) throws SQLException {
    try (PreparedStatement wake = tx.prepareStatement(sql.wakeParent)) {
      wake.setObject(1, parent);
      wake.setString(2, step);
      wake.executeUpdate();
    }
  }

  List<Optional<SagaMoved>> all(Connection tx, List<SagaWrite> writes) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.moveAll)) {
      Column.setAll(update, tx, COLUMNS, writes);
      try (ResultSet row = update.executeQuery()) {
        return results(row, writes.size());
      }
    }
  }

  boolean migrate(Connection tx, SagaFence fence, SagaRelocation to) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(sql.migrate)) {
      update.setInt(1, to.to().version());
      update.setInt(2, to.position());
      update.setString(3, to.step());
      update.setInt(4, to.attempts());
      update.setInt(5, to.crashes());
      update.setBoolean(6, to.maybe());
      update.setBytes(7, to.state());
      update.setObject(8, fence.id());
      update.setLong(9, fence.rev());
      update.setString(10, to.transition().from().orElseThrow().name());
      update.setString(11, to.transition().name());
      update.setString(12, to.why());
      return update.executeUpdate() == 1;
    }
  }

  /** A row that was held is there once, and once more if it was changed. */
  private static List<Optional<SagaMoved>> results(ResultSet row, int count) throws SQLException {
    List<Optional<SagaMoved>> results =
        new ArrayList<>(Collections.nCopies(count, Optional.empty()));
    while (row.next()) {
      int index = (int) row.getLong(1) - 1;
      if (row.getBoolean(2)) {
        results.set(index, Optional.of(SagaMoved.done(row.getString(3))));
      } else if (results.get(index).isEmpty()) {
        results.set(index, REFUSED);
      }
    }
    return results;
  }

  private static @Nullable Long epoch(SagaFence fence) {
    SagaOwner owner = fence.owner();
    return owner == null ? null : owner.epoch();
  }

  private static @Nullable String node(SagaFence fence) {
    SagaOwner owner = fence.owner();
    return owner == null ? null : owner.name();
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }
}
