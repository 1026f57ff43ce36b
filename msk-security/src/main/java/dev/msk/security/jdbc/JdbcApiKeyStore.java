package dev.msk.security.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import dev.msk.security.ApiKey;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.spi.StoredApiKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * API keys in PostgreSQL 14 or newer, in the table of {@link SecuritySchema}. Of keys that are issued for one owner at once, each
 * waits for the one before it to commit.
 *
 * <p>Throws {@link dev.msk.core.jdbc.DatabaseException} when the database fails. Thread-safe.
 */
public final class JdbcApiKeyStore implements ApiKeyStore {

  private static final String LOCK_OWNER =
      "SELECT pg_advisory_xact_lock(hashtextextended('msk.api_key:' || ?, 0))";
  private static final String COLUMNS = "id, owner, scopes, created_at, expires_at, revoked_at";

  private final Transactor transactor;
  private final String countActive;
  private final String insert;
  private final String endEarly;
  private final String find;
  private final String list;
  private final String revoke;
  private final String purge;

  private JdbcApiKeyStore(DataSource dataSource, TableNames names) {
    this.transactor = Transactor.of(dataSource);
    String table = names.table("api_key");
    this.countActive = "SELECT count(*) FROM " + table
        + " WHERE owner = ? AND revoked_at IS NULL AND expires_at > ?";
    this.insert = "INSERT INTO " + table
        + " (id, hash, owner, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)";
    this.endEarly = "UPDATE " + table + " SET expires_at = LEAST(expires_at, ?)"
        + " WHERE id = ? AND owner = ? AND revoked_at IS NULL AND expires_at > ?";
    this.find = "SELECT " + COLUMNS + ", hash FROM " + table + " WHERE id = ?";
    this.list = "SELECT " + COLUMNS + " FROM " + table
        + " WHERE owner = ? ORDER BY created_at DESC, id LIMIT ?";
    this.revoke = "UPDATE " + table + " SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
        + " RETURNING " + COLUMNS;
    this.purge = "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table
        + " WHERE LEAST(expires_at, revoked_at) < ? LIMIT ? FOR UPDATE SKIP LOCKED)";
  }

  /**
   * The table {@code msk_api_key} in the schema that the connection's search path finds.
   *
   * @param dataSource of the database
   * @return a store
   */
  public static JdbcApiKeyStore of(DataSource dataSource) {
    return of(dataSource, TableNames.defaults());
  }

  /**
   * The table under the names that are given.
   *
   * @param dataSource of the database
   * @param names schema and prefix of the table
   * @return a store
   */
  public static JdbcApiKeyStore of(DataSource dataSource, TableNames names) {
    return new JdbcApiKeyStore(
        requireNonNull(dataSource, "dataSource"), requireNonNull(names, "names"));
  }

  @Override
  public boolean insert(StoredApiKey key, Instant now, int maxActive) {
    return transactor.call(tx -> {
      lock(tx, key.key().owner());
      if (active(tx, key.key().owner(), now) >= maxActive) {
        return false;
      }
      insert(tx, key);
      return true;
    });
  }

  @Override
  public Replaced replace(
      String id, Instant endsAt, StoredApiKey next, Instant now, int maxActive) {
    return transactor.call(tx -> {
      String owner = next.key().owner();
      lock(tx, owner);
      if (active(tx, owner, now) >= maxActive) {
        return Replaced.TOO_MANY;
      }
      if (!endEarly(tx, id, owner, endsAt, now)) {
        return Replaced.NOT_ACTIVE;
      }
      insert(tx, next);
      return Replaced.REPLACED;
    });
  }

  @Override
  public Optional<StoredApiKey> find(String id) {
    return transactor.callStatement(tx -> {
      try (PreparedStatement statement = tx.prepareStatement(find)) {
        statement.setString(1, id);
        try (ResultSet row = statement.executeQuery()) {
          return row.next()
              ? Optional.of(new StoredApiKey(key(row), row.getBytes("hash")))
              : Optional.empty();
        }
      }
    });
  }

  @Override
  public List<ApiKey> list(String owner, int atMost) {
    return transactor.callStatement(tx -> {
      try (PreparedStatement statement = tx.prepareStatement(list)) {
        statement.setString(1, owner);
        statement.setInt(2, atMost);
        List<ApiKey> keys = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            keys.add(key(row));
          }
        }
        return List.copyOf(keys);
      }
    });
  }

  @Override
  public Optional<ApiKey> revoke(String id, Instant at) {
    return transactor.callStatement(tx -> {
      try (PreparedStatement statement = tx.prepareStatement(revoke)) {
        statement.setObject(1, time(at));
        statement.setString(2, id);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? Optional.of(key(row)) : Optional.empty();
        }
      }
    });
  }

  @Override
  public int purge(Instant endedBefore, int atMost) {
    return transactor.callStatement(tx -> {
      try (PreparedStatement statement = tx.prepareStatement(purge)) {
        statement.setObject(1, time(endedBefore));
        statement.setInt(2, atMost);
        return statement.executeUpdate();
      }
    });
  }

  /** With read committed, whatever the pool has: what is counted next must be what others have committed before. */
  private void lock(Connection tx, String owner) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
    try (PreparedStatement statement = tx.prepareStatement(LOCK_OWNER)) {
      statement.setString(1, owner);
      statement.execute();
    }
  }

  private int active(Connection tx, String owner, Instant now) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(countActive)) {
      statement.setString(1, owner);
      statement.setObject(2, time(now));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  private void insert(Connection tx, StoredApiKey stored) throws SQLException {
    ApiKey key = stored.key();
    try (PreparedStatement statement = tx.prepareStatement(insert)) {
      statement.setString(1, key.id());
      statement.setBytes(2, stored.hash());
      statement.setString(3, key.owner());
      statement.setString(4, String.join(" ", new TreeSet<>(key.scopes())));
      statement.setObject(5, time(key.createdAt()));
      statement.setObject(6, time(key.expiresAt()));
      statement.executeUpdate();
    }
  }

  private boolean endEarly(Connection tx, String id, String owner, Instant endsAt, Instant now)
      throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(endEarly)) {
      statement.setObject(1, time(endsAt));
      statement.setString(2, id);
      statement.setString(3, owner);
      statement.setObject(4, time(now));
      return statement.executeUpdate() == 1;
    }
  }

  private static ApiKey key(ResultSet row) throws SQLException {
    String scopes = row.getString("scopes");
    OffsetDateTime revoked = row.getObject("revoked_at", OffsetDateTime.class);
    return new ApiKey(
        row.getString("id"),
        row.getString("owner"),
        scopes.isEmpty() ? Set.of() : Set.of(scopes.split(" ", -1)),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
        Optional.ofNullable(revoked).map(OffsetDateTime::toInstant));
  }

  private static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
