package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.Stage;
import java.time.Duration;

/** Inventory is gone in the middle of a saga: nobody knows what it has done. */
public final class UnreachableInventory implements Chapter {

  /** A chapter. */
  public UnreachableInventory() {}

  @Override
  public String title() {
    return "Inventory unreachable in the middle of a saga: retried, then compensated";
  }

  @Override
  public void play(Stage stage) throws Exception {
    stage.service("inventory").kill();
    stage.story().tell("kill -9 of inventory");
    String id = stage.shop().place(new Wanted("ada", "tea-500g", 1, 1_000));
    stage.story().tell("POST /orders: 201, order " + id);
    Await.until(
        "the saga turns back",
        Duration.ofSeconds(60),
        () -> stage
                .servers()
                .database("orders")
                .number("SELECT count(*) FROM msk_saga WHERE status = 'COMPENSATING'"
                    + " AND business_key = '" + id + "'")
            == 1);
    stage
        .story()
        .tell("out of attempts: the saga turns back, and wants to undo what may have been");
    stage.service("inventory").restart();
    stage.story().tell("inventory is back");
    Orders.awaitStatus(stage, "ada", id, "CANCELLED");
    stage.awaitSettled();
    Orders.tellSteps(stage, id);
    stage.claimAll();
  }
}
