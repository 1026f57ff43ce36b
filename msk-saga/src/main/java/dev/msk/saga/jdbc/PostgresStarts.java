package dev.msk.saga.jdbc;

import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaTarget;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Inserts sagas: one, or many with an array for each column. The columns have the same order in both. Thread-safe. */
final class PostgresStarts {

  private static final List<Column<NewSaga>> COLUMNS = List.of(
      new Column<>("uuid", NewSaga::id),
      new Column<>("text", saga -> saga.definition().name()),
      new Column<>("int4", saga -> saga.definition().version()),
      new Column<>("text", NewSaga::businessKey),
      new Column<>("text", NewSaga::step),
      new Column<>("bytea", NewSaga::state),
      new Column<>("int8", saga -> micros(saga.deadline())),
      new Column<>("text", saga -> saga.origin().correlationId()),
      new Column<>("text", saga -> saga.origin().traceParent()),
      new Column<>("text", saga -> saga.origin().traceState()),
      new Column<>("text", saga -> of(saga.target(), SagaTarget::name)),
      new Column<>("bool", saga -> isWaiting(saga.target())),
      new Column<>("uuid", saga -> of(saga.parent(), SagaParent::id)),
      new Column<>("text", saga -> of(saga.parent(), SagaParent::step)),
      new Column<>("text", saga -> of(saga.parent(), SagaParent::branch)),
      new Column<>("text", saga -> of(saga.owner(), SagaOwner::name)),
      new Column<>("int8", saga -> of(saga.owner(), SagaOwner::epoch)));

  /** In which whoever inserts some of the same waits for the others. */
  private static final Comparator<NewSaga> ORDER = Comparator.comparing(
          (NewSaga saga) -> saga.definition().name())
      .thenComparing(NewSaga::businessKey);

  private final SagaSql sql;

  PostgresStarts(SagaSql sql) {
    this.sql = sql;
  }

  SagaInsertion one(Connection tx, NewSaga saga) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(sql.insert)) {
      Column.set(insert, COLUMNS, saga);
      try (ResultSet row = insert.executeQuery()) {
        if (row.next()) {
          return SagaInsertion.inserted(row.getBoolean(1));
        }
      }
    }
    return SagaInsertion.of(existing(known(tx, List.of(saga)), saga));
  }

  List<SagaInsertion> all(Connection tx, List<NewSaga> sagas) throws SQLException {
    Map<UUID, SagaInsertion> born = new HashMap<>();
    try (PreparedStatement insert = tx.prepareStatement(sql.insertAll)) {
      Column.setAll(insert, tx, COLUMNS, sagas.stream().sorted(ORDER).toList());
      try (ResultSet row = insert.executeQuery()) {
        while (row.next()) {
          born.put(row.getObject(1, UUID.class), SagaInsertion.inserted(row.getBoolean(2)));
        }
      }
    }
    List<NewSaga> others =
        sagas.stream().filter(saga -> !born.containsKey(saga.id())).toList();
    Map<Key, UUID> known = others.isEmpty() ? Map.of() : known(tx, others);
    List<SagaInsertion> results = new ArrayList<>();
    for (NewSaga saga : sagas) {
      SagaInsertion inserted = born.get(saga.id());
      results.add(inserted != null ? inserted : SagaInsertion.of(existing(known, saga)));
    }
    return results;
  }

  private Map<Key, UUID> known(Connection tx, List<NewSaga> sagas) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql.idsByKey)) {
      Column.setAll(select, tx, List.of(COLUMNS.get(1), COLUMNS.get(3)), sagas);
      try (ResultSet row = select.executeQuery()) {
        Map<Key, UUID> known = new HashMap<>();
        while (row.next()) {
          known.put(new Key(row.getString(1), row.getString(2)), row.getObject(3, UUID.class));
        }
        return known;
      }
    }
  }

  private static UUID existing(Map<Key, UUID> known, NewSaga saga) throws SQLException {
    DefinitionId definition = saga.definition();
    UUID id = known.get(new Key(definition.name(), saga.businessKey()));
    if (id == null) {
      throw new SQLException(
          "saga " + definition.name() + " " + saga.businessKey()
              + ": exists and cannot be seen (expected: isolation read committed)",
          "40001");
    }
    return id;
  }

  private static boolean isWaiting(@Nullable SagaTarget target) {
    return target != null && !target.held();
  }

  private static @Nullable Long micros(@Nullable Duration time) {
    return time == null ? null : time.toNanos() / 1_000;
  }

  private static <T, V> @Nullable V of(@Nullable T value, Function<T, V> part) {
    return value == null ? null : part.apply(value);
  }

  private record Key(String definition, String businessKey) {}
}
