package dev.msk.saga.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of a statement that writes one row, and of the one that writes many with an array for each.
 *
 * @param type of the database
 * @param value of a row
 * @param <R> what a row is made of
 */
record Column<R>(String type, Function<R, @Nullable Object> value) {

  void set(PreparedStatement statement, int index, R row) throws SQLException {
    Object one = value.apply(row);
    switch (type) {
      case "text" -> statement.setString(index, (String) one);
      case "bytea" -> statement.setBytes(index, (byte[]) one);
      case "int8" -> statement.setObject(index, one, Types.BIGINT);
      case "uuid" -> statement.setObject(index, one, Types.OTHER);
      default -> statement.setObject(index, one);
    }
  }

  Array array(Connection tx, List<R> rows) throws SQLException {
    Stream<@Nullable Object> values = rows.stream().map(value);
    return tx.createArrayOf(
        type,
        type.equals("bytea")
            ? values.map(byte[].class::cast).toArray(byte[][]::new)
            : values.toArray());
  }

  static <R> void set(PreparedStatement statement, List<Column<R>> columns, R row)
      throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).set(statement, i + 1, row);
    }
  }

  static <R> void setAll(
      PreparedStatement statement, Connection tx, List<Column<R>> columns, List<R> rows)
      throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      statement.setArray(i + 1, columns.get(i).array(tx, rows));
    }
  }
}
