package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Stage;
import java.net.URI;
import java.time.Duration;

/** One order that is paid, and one that is too expensive. */
public final class PaidOrder implements Chapter {

  /** A chapter. */
  public PaidOrder() {}

  @Override
  public String title() {
    return "A paid order, and a declined one";
  }

  @Override
  public void play(Stage stage) throws Exception {
    settle(stage, "ada", 1_250, "PAID");
    settle(stage, "ada", 2_500_000, "DECLINED");
    stage.awaitSettled();
    stage.claimAll();
  }

  private static void settle(Stage stage, String customer, long amountCents, String expected)
      throws Exception {
    URI orders = stage.orders(0).uri();
    long begin = System.nanoTime();
    String id = stage.shop().place(orders, customer, amountCents);
    long accepted = millisSince(begin);
    stage
        .story()
        .tell(
            "POST /orders, " + amountCents + " cents: 201 after " + accepted + " ms, order " + id);
    Await.until(
        "order " + id + " becomes " + expected,
        Duration.ofSeconds(20),
        () -> stage.shop().status(orders, id).equals(expected));
    stage
        .story()
        .tell("GET /orders/" + id + ": " + expected + " after " + millisSince(begin)
            + " ms: outbox, Kafka, payments and back");
  }

  private static long millisSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }
}
