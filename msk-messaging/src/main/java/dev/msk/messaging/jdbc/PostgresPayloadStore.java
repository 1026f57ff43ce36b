package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.spi.PayloadStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Payloads in a table of PostgreSQL, written in the publisher's transaction: a payload is there if, and
 * only if, its event is. Consumers read it from the same database.
 *
 * <p>References read {@code msk-payload:} and a random UUID. The table is that of {@link
 * dev.msk.messaging.PayloadSchema}. Thread-safe.
 */
public final class PostgresPayloadStore implements PayloadStore {

  private static final String SCHEME = "msk-payload:";
  private static final Pattern REFERENCE =
      Pattern.compile(SCHEME + "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})");

  private final DataSource database;
  private final String payload;

  private PostgresPayloadStore(DataSource database, TableNames names) {
    this.database = Objects.requireNonNull(database, "database");
    this.payload = names.table("payload");
  }

  /**
   * Payloads in {@code msk_payload} in the schema that the connection's search path finds.
   *
   * @param database gives the connections of reads, each for one statement; writes use the caller's
   * @return a store
   */
  public static PostgresPayloadStore of(DataSource database) {
    return of(database, TableNames.defaults());
  }

  /**
   * Payloads under the names that are given.
   *
   * @param database gives the connections of reads, each for one statement; writes use the caller's
   * @param names schema and prefix of the table
   * @return a store
   */
  public static PostgresPayloadStore of(DataSource database, TableNames names) {
    return new PostgresPayloadStore(database, names);
  }

  @Override
  public String put(Connection tx, byte[] data) {
    UUID id = UUID.randomUUID();
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO " + payload + " (id, data) VALUES (?, ?)")) {
      insert.setObject(1, id);
      insert.setBytes(2, data);
      insert.executeUpdate();
    } catch (SQLException e) {
      throw DatabaseException.during("keeping a payload", e);
    }
    return SCHEME + id;
  }

  @Override
  public boolean isOwn(String reference) {
    return REFERENCE.matcher(reference).matches();
  }

  @Override
  public Optional<byte[]> get(String reference) {
    if (!isOwn(reference)) {
      return Optional.empty();
    }
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT data FROM " + payload + " WHERE id = ?")) {
      select.setObject(1, UUID.fromString(reference.substring(SCHEME.length())));
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw DatabaseException.during("fetching a payload", e);
    }
  }

  @Override
  public int purge(Duration keep, int atMost) {
    String sql = "DELETE FROM " + payload + " WHERE id = ANY (ARRAY(SELECT id FROM " + payload
        + " WHERE created_at < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?))";
    return Transactor.of(database).call(tx -> {
      try (PreparedStatement delete = tx.prepareStatement(sql)) {
        delete.setLong(1, keep.toMillis());
        delete.setInt(2, atMost);
        return delete.executeUpdate();
      }
    });
  }
}
