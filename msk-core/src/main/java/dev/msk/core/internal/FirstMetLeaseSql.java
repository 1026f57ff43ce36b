package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements of the database that the first connection is to: leases are built before there is one. */
final class FirstMetLeaseSql implements LeaseSql {

  private final TableNames names;
  /** Two threads may both make it: they make the same. */
  private volatile @Nullable LeaseSql statements;

  FirstMetLeaseSql(TableNames names) {
    this.names = names;
  }

  @Override
  public boolean fence(Connection tx, String name, String owner, long epoch) {
    return of(tx).fence(tx, name, owner, epoch);
  }

  @Override
  public Map<String, Long> acquire(
      Connection tx, List<String> wanted, int atMost, String owner, Duration ttl)
      throws SQLException {
    return of(tx).acquire(tx, wanted, atMost, owner, ttl);
  }

  @Override
  public Map<String, Long> renew(
      Connection tx, Map<String, Long> leases, String owner, Duration ttl) throws SQLException {
    return of(tx).renew(tx, leases, owner, ttl);
  }

  @Override
  public void release(Connection tx, Map<String, Long> leases, String owner) throws SQLException {
    of(tx).release(tx, leases, owner);
  }

  @Override
  public List<LeaseState> list(Connection tx, String prefix, int atMost) throws SQLException {
    return of(tx).list(tx, prefix, atMost);
  }

  @Override
  public int forget(Connection tx, String prefix, Duration idle, int atMost) throws SQLException {
    return of(tx).forget(tx, prefix, idle, atMost);
  }

  private LeaseSql of(Connection tx) {
    LeaseSql known = statements;
    if (known == null) {
      known = LeaseSql.of(Dialect.of(tx), names);
      statements = known;
    }
    return known;
  }
}
