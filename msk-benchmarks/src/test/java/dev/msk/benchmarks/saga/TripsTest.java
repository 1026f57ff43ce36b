package dev.msk.benchmarks.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class TripsTest {

  @Test
  void count_isThatOfExecutionsAndCommits() throws SQLException {
    Trips trips = new Trips();
    try (PostgresServer server = PostgresServer.start()) {
      PGSimpleDataSource database = new PGSimpleDataSource();
      database.setUrl(server.newDatabase());
      try (Connection connection = trips.over(database).getConnection()) {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("CREATE TABLE n (n int)");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO n VALUES (?)")) {
          insert.setInt(1, 1);
          insert.addBatch();
          insert.setInt(1, 2);
          insert.addBatch();
          assertThat(insert.executeBatch()).containsExactly(1, 1);
          assertThatThrownBy(() -> connection.prepareStatement("SELECT").executeUpdate())
              .isInstanceOf(SQLException.class);
        }
        connection.rollback();
      }
    }

    assertThat(trips.count()).isEqualTo(4);
  }
}
