package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Stage;
import java.sql.SQLException;
import java.time.Duration;

/** What several chapters ask about an order. */
final class Orders {

  private Orders() {}

  static void awaitStatus(Stage stage, String customer, String id, String status) throws Exception {
    Await.until(
        "order " + id + " becomes " + status,
        Duration.ofSeconds(30),
        () -> stage.shop().status(customer, id).equals(status));
  }

  /** The saga's own memory: what it did, and when. */
  static void tellSteps(Stage stage, String id) throws SQLException {
    stage
        .servers()
        .database("orders")
        .texts("SELECT rpad(s.transition, 12) || rpad(coalesce(s.step, ''), 9)"
            + " || lpad(round(extract(epoch FROM s.at - g.created_at) * 1000)::text, 7) || ' ms'"
            + " || coalesce('   ' || left(s.error, 90), '')"
            + " FROM msk_saga_step s JOIN msk_saga g ON g.id = s.saga_id"
            + " WHERE g.business_key = '" + id + "' ORDER BY s.rev")
        .forEach(step -> stage.story().print("          saga  " + step));
  }
}
