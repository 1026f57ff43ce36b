package dev.msk.saga.choreography;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.saga.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** A database, and choreographies on it that get their events as a consumer hands them over. */
public final class ChoreographyFixture implements AutoCloseable {

  public static final Events EVENTS = Events.of("/orders", JacksonCodec.of());

  public final HikariDataSource database;
  final TrackedDataSource tracked;
  final Transactor transactor;
  private final List<Choreography> started = new ArrayList<>();

  public ChoreographyFixture(PostgresServer postgres) {
    this.database = TestDatabase.pool(postgres.newDatabase());
    SchemaInstaller.of(database)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), ChoreographySchema.scripts());
    this.tracked = TrackedDataSource.of(database);
    this.transactor = Transactor.of(tracked);
  }

  ChoreographyBuilder choreography(Participant<?, ?>... participants) {
    return choreography(tracked, transactor, participants);
  }

  /** One that is not started. */
  public static ChoreographyBuilder choreography(
      DataSource database, Transactor transactor, Participant<?, ?>... participants) {
    ChoreographyBuilder builder = Choreography.builder(
            transactor,
            Outbox.builder(PostgresOutboxStore.of(database), event -> "orders").build(),
            "/shipping",
            Leases.builder(database, UUID.randomUUID().toString())
                .ttl(Duration.ofSeconds(2))
                .build())
        .pollInterval(Duration.ofMillis(20));
    for (Participant<?, ?> participant : participants) {
      builder.participant(participant);
    }
    return builder;
  }

  Choreography start(ChoreographyBuilder builder) {
    Choreography choreography = builder.build().start();
    started.add(choreography);
    return choreography;
  }

  Inbox.Outcome handle(Choreography choreography, String type, String key, Object payload)
      throws Exception {
    return handle(choreography, EVENTS.event(type, key, payload));
  }

  Inbox.Outcome handle(Choreography choreography, EventEnvelope event) throws Exception {
    return handle(database, transactor, choreography, event);
  }

  /** What a consumer does with an event: inbox row and effect in one transaction. */
  public static Inbox.Outcome handle(
      DataSource database, Transactor transactor, Choreography choreography, EventEnvelope event)
      throws Exception {
    Inbox inbox = Inbox.of(PostgresInboxStore.of(database), "shipping");
    return transactor.<Inbox.Outcome, Exception>call(
        tx -> inbox.process(tx, event, choreography.events()));
  }

  /** Types and keys of what was published, in order. */
  List<String> published() throws SQLException {
    return query("SELECT type || ' ' || aggregateid FROM msk_outbox ORDER BY seq");
  }

  public List<String> query(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> first = new ArrayList<>();
      while (rows.next()) {
        first.add(rows.getString(1));
      }
      return first;
    }
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    started.forEach(Choreography::close);
    tracked.assertNoneOpen();
    database.close();
  }
}
