package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import javax.sql.DataSource;

/** Asks a database whether it answers. */
public final class DataSourceCheck {

  private static final int SECONDS = 1;

  private DataSourceCheck() {}

  /**
   * Down when no connection can be had, or when it does not answer within a second.
   *
   * @param dataSource gives a connection for each check; give its pool a bound on the wait
   * @return the check
   */
  public static HealthCheck of(DataSource dataSource) {
    requireNonNull(dataSource, "dataSource");
    return () -> {
      try (Connection connection = dataSource.getConnection()) {
        return connection.isValid(SECONDS)
            ? Health.up()
            : Health.down("no answer within " + SECONDS + " s");
      }
    };
  }
}
