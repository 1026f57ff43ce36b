package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Crowd;
import dev.msk.examples.demo.Stage;
import java.time.Duration;
import java.util.List;

/** One of two instances dies while both serve. */
public final class KilledInstance implements Chapter {

  /** A chapter. */
  public KilledInstance() {}

  @Override
  public String title() {
    return "An instance of orders killed with -9 under load: no call of a client fails";
  }

  @Override
  public void play(Stage stage) throws Exception {
    stage.needSecondOrders();
    int failed = stage.shop().failed();
    int placed;
    try (Crowd crowd = Crowd.enter(stage.shop(), Integer.MAX_VALUE, Duration.ofMillis(5))) {
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= 300);
      stage.service("orders-2").kill();
      int before = crowd.placed();
      stage.story().tell("kill -9 of orders-2 after " + before + " orders");
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= before + 200);
      crowd.leave();
      placed = crowd.placed();
    }
    int failures = stage.shop().failed() - failed;
    stage
        .story()
        .claim(
            placed + " orders placed, and not one call failed: the gateway tried another instance",
            failures == 0 ? List.of() : List.of(failures + " calls failed"));
    stage.awaitSettled();
    stage.claimAll();
    stage.service("orders-2").restart();
    stage.story().tell("orders-2 is back");
  }
}
