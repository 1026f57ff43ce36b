package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The statements of leases. All but {@link #fence} run in a transaction that has done nothing yet. Thread-safe. */
public interface LeaseSql {

  /**
   * The statements of the database that the first connection is to.
   *
   * @param names where the tables are
   * @return statements, which ask that connection and no other for its dialect
   */
  static LeaseSql of(TableNames names) {
    return new FirstMetLeaseSql(names);
  }

  /**
   * The statements of a dialect.
   *
   * @param dialect the database
   * @param names where the tables are
   * @return statements
   */
  static LeaseSql of(Dialect dialect, TableNames names) {
    return switch (dialect) {
      case POSTGRESQL -> new PostgresLeaseSql(names);
      case MYSQL, MARIADB -> new MySqlLeaseSql(dialect, names);
      case H2 -> new H2LeaseSql(names);
    };
  }

  /**
   * Checks and keeps a lease in the caller's transaction.
   *
   * @param tx the caller's
   * @param name of the lease
   * @param owner of the lease
   * @param epoch of the lease
   * @return whether it is still the newest
   */
  boolean fence(Connection tx, String name, String owner, long epoch);

  /**
   * Acquires what is free.
   *
   * @param tx a transaction
   * @param names wanted
   * @param atMost how many
   * @param owner who
   * @param ttl how long
   * @return epochs by name
   * @throws SQLException from the database
   */
  Map<String, Long> acquire(
      Connection tx, List<String> names, int atMost, String owner, Duration ttl)
      throws SQLException;

  /**
   * Renews what is held.
   *
   * @param tx a transaction
   * @param leases epochs by name
   * @param owner who
   * @param ttl how long
   * @return epochs by name of what is still held
   * @throws SQLException from the database
   */
  Map<String, Long> renew(Connection tx, Map<String, Long> leases, String owner, Duration ttl)
      throws SQLException;

  /**
   * Gives back what is held.
   *
   * @param tx a transaction
   * @param leases epochs by name
   * @param owner who
   * @throws SQLException from the database
   */
  void release(Connection tx, Map<String, Long> leases, String owner) throws SQLException;

  /**
   * Lists names.
   *
   * @param tx a transaction
   * @param prefix how they begin
   * @param atMost how many
   * @return their states
   * @throws SQLException from the database
   */
  List<LeaseState> list(Connection tx, String prefix, int atMost) throws SQLException;

  /**
   * Deletes rows of names that nobody holds.
   *
   * @param tx a transaction
   * @param prefix how they begin
   * @param idle for how long nobody has held them
   * @param atMost how many
   * @return how many
   * @throws SQLException from the database
   */
  int forget(Connection tx, String prefix, Duration idle, int atMost) throws SQLException;

  /**
   * A duration as databases take it.
   *
   * @param duration any that leases have
   * @return microseconds
   */
  static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }
}
