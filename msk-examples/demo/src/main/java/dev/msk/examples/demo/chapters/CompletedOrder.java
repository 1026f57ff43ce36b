package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.Stage;
import java.time.Duration;

/** One order that goes through all steps. */
public final class CompletedOrder implements Chapter {

  /** A chapter. */
  public CompletedOrder() {}

  @Override
  public String title() {
    return "An order that completes";
  }

  @Override
  public void play(Stage stage) throws Exception {
    long begin = System.nanoTime();
    String id = stage.shop().place(new Wanted("ada", "tea-500g", 2, 1_250));
    stage.story().tell("POST /orders: 201 after " + millisSince(begin) + " ms, order " + id);
    Orders.awaitStatus(stage, "ada", id, "PAID");
    stage.story().tell("GET /orders/" + id + ": PAID after " + millisSince(begin) + " ms");
    stage.awaitSettled();
    Orders.tellSteps(stage, id);
    stage.claimAll();
  }

  private static long millisSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }
}
