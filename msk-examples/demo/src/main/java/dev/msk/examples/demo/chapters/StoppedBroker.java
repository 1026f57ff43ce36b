package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Crowd;
import dev.msk.examples.demo.Stage;
import java.time.Duration;

/** Orders are accepted while nobody can be told. */
public final class StoppedBroker implements Chapter {

  private static final Duration OUTAGE = Duration.ofSeconds(10);

  /** A chapter. */
  public StoppedBroker() {}

  @Override
  public String title() {
    return "The broker stopped for " + OUTAGE.toSeconds() + " seconds while orders are accepted";
  }

  @Override
  public void play(Stage stage) throws Exception {
    try (Crowd crowd = Crowd.enter(stage.shop(), Integer.MAX_VALUE, Duration.ofMillis(100))) {
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= 20);
      stage.servers().kafka().stop();
      long stopped = System.nanoTime();
      int before = crowd.placed();
      stage.story().tell("Kafka is stopped, orders go on");
      Await.until(
          "the outage lasts",
          OUTAGE.plusSeconds(5),
          () -> System.nanoTime() - stopped >= OUTAGE.toNanos());
      crowd.leave();
      stage
          .story()
          .tell((crowd.placed() - before) + " orders answered with 201 meanwhile; "
              + stage
                  .servers()
                  .database("orders")
                  .number("SELECT count(*) FROM orders WHERE status = 'PENDING'")
              + " wait for their payment");
    }
    stage.servers().kafka().restart();
    long begin = System.nanoTime();
    stage.story().tell("Kafka is back");
    stage.awaitSettled();
    stage
        .story()
        .tell("every order is settled "
            + Duration.ofNanos(System.nanoTime() - begin).toMillis()
            + " ms after the broker came back");
    stage.claimAll();
  }
}
