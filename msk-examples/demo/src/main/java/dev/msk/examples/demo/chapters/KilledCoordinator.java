package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Crowd;
import dev.msk.examples.demo.Stage;
import java.sql.SQLException;
import java.time.Duration;

/** The process that works on sagas dies with them in its hands. */
public final class KilledCoordinator implements Chapter {

  private static final String OWNED =
      "SELECT count(*) FROM msk_saga WHERE owner = 'orders-1' AND epoch IS NOT NULL";

  /** A chapter. */
  public KilledCoordinator() {}

  @Override
  public String title() {
    return "A saga coordinator killed with -9 in the middle of sagas: another one finishes them";
  }

  @Override
  public void play(Stage stage) throws Exception {
    stage.needSecondOrders();
    long owned;
    long open;
    try (Crowd crowd = Crowd.enter(stage.shop(), Integer.MAX_VALUE, Duration.ofMillis(5))) {
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= 50);
      Await.until(
          "orders-1 has sagas in its hands",
          Duration.ofSeconds(20),
          () -> number(stage, OWNED) > 0);
      stage.service("orders-1").kill();
      owned = number(stage, OWNED);
      open = number(
          stage, "SELECT count(*) FROM msk_saga WHERE status NOT IN ('COMPLETED', 'COMPENSATED')");
      crowd.leave();
      stage
          .story()
          .tell("kill -9 of orders-1: it had " + owned + " sagas in its hands, " + open
              + " are under way; " + crowd.placed() + " orders placed");
    }
    long begin = System.nanoTime();
    stage.awaitSettled();
    stage
        .story()
        .tell("orders-2 has finished all of them after "
            + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms");
    stage.claimAll();
    stage.service("orders-1").restart();
    stage.story().tell("orders-1 is back");
  }

  private static long number(Stage stage, String sql) throws SQLException {
    return stage.servers().database("orders").number(sql);
  }
}
