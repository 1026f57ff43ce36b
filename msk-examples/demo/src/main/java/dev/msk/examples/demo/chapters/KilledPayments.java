package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Crowd;
import dev.msk.examples.demo.Stage;
import java.time.Duration;

/** Payments dies in the middle of its work. */
public final class KilledPayments implements Chapter {

  private static final int ORDERS = 200;
  private static final int CHARGED = 40;
  private static final String CHARGES = "SELECT count(*) FROM charge WHERE outcome = 'CAPTURED'";

  /** A chapter. */
  public KilledPayments() {}

  @Override
  public String title() {
    return "Payments killed with -9 while " + ORDERS + " orders are in flight";
  }

  @Override
  public void play(Stage stage) throws Exception {
    long before = stage.servers().database("payments").number(CHARGES);
    try (Crowd crowd = Crowd.enter(stage.shop(), ORDERS, Duration.ofMillis(5))) {
      Await.until(
          "the first " + CHARGED + " orders are charged",
          Duration.ofSeconds(20),
          () -> stage.servers().database("payments").number(CHARGES) - before >= CHARGED);
      stage.service("payments").kill();
      stage
          .story()
          .tell("kill -9 of payments: " + crowd.placed() + " of " + ORDERS + " orders placed, "
              + (stage.servers().database("payments").number(CHARGES) - before) + " charged");
      crowd.await();
    }
    stage.story().tell("all " + ORDERS + " orders placed while payments was gone");
    stage.service("payments").restart();
    stage.story().tell("payments is back");
    stage.awaitSettled();
    stage.story().tell("every order has ended");
    stage.claimAll();
  }
}
