package dev.msk.saga.choreography.crash;

import static dev.msk.saga.Eventually.eventually;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventEnvelope;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.choreography.Choreography;
import dev.msk.saga.choreography.ChoreographyFixture;
import dev.msk.saga.choreography.Counter;
import dev.msk.saga.choreography.Counter.Note;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A service as a process. Arguments: JDBC URL with user, before what begins the keys of its instances, how many, and whether it dies
 * before or after the first commit in which a query finds something, and the query.
 */
final class ChoreographyProcess {

  static final String BEFORE = "before";
  static final String AFTER = "after";

  private static final List<String> NOTES = List.of("one", "bad", "after");

  private ChoreographyProcess() {}

  public static void main(String[] args) throws Exception {
    DataSource database = TestDatabase.pool(args[0]);
    Transactor dying = new Dying(Transactor.of(database), args[3], args[4]);
    run(database, dying, args[1], Integer.parseInt(args[2]));
  }

  /** Has instances take their events, one of them into quarantine, be released, and hear their timers; what is done is not done again. */
  static void run(DataSource database, Transactor transactor, String prefix, int instances)
      throws Exception {
    List<String> keys = IntStream.range(0, instances).mapToObj(i -> prefix + i).toList();
    Choreography broken = choreography(database, transactor, "bad");
    for (String key : keys) {
      take(database, transactor, broken, "begin", key, "");
    }
    for (String note : NOTES) {
      for (String key : keys) {
        take(database, transactor, broken, "note", key, note);
      }
    }
    try (Choreography mended = choreography(database, transactor, "nothing")) {
      mended.admin().quarantined(1_000).forEach(instance -> {
        var unused = mended.admin().release("counter", instance.key(), "eve", "mended");
      });
      mended.start();
      eventually(
          "rang",
          () -> Transactor.of(database)
              .call(tx -> !isFound(tx, "SELECT 1 FROM msk_choreography_timer")));
    }
  }

  private static Choreography choreography(DataSource database, Transactor transactor, String bad) {
    return ChoreographyFixture.choreography(
            database, transactor, Counter.participant(1, bad, Duration.ofMillis(1)))
        .build();
  }

  private static void take(
      DataSource database,
      Transactor transactor,
      Choreography choreography,
      String type,
      String key,
      String text)
      throws Exception {
    EventEnvelope event = EventEnvelope.builder(key + "/" + type + "/" + text, "/orders", type)
        .subject(key)
        .data("application/json", JacksonCodec.of().encode(new Note(key, text)))
        .build();
    var unused = ChoreographyFixture.handle(database, transactor, choreography, event);
  }

  private static boolean isFound(Connection tx, String query) throws SQLException {
    try (Statement statement = tx.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  private record Dying(Transactor transactor, String when, String query) implements Transactor {

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      boolean[] found = new boolean[1];
      T result = transactor.<T, X>call(tx -> {
        T done = work.run(tx);
        found[0] = isFound(tx, query);
        dieIf(found[0], BEFORE);
        return done;
      });
      dieIf(found[0], AFTER);
      return result;
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      Boolean unused = this.<Boolean, X>call(tx -> {
        action.run(tx);
        return true;
      });
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }

    private void dieIf(boolean found, String moment) {
      if (found && when.equals(moment)) {
        Runtime.getRuntime().halt(137);
      }
    }
  }
}
