package dev.msk.examples.demo.chapters;

import dev.msk.examples.contracts.Topics;
import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Crowd;
import dev.msk.examples.demo.Servers;
import dev.msk.examples.demo.Stage;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A relay is paused longer than its leases last, and wakes up among others who do its work: it still
 * has in its hands what it had read, and believes that it is the owner.
 */
public final class PausedRelay implements Chapter {

  private static final int PARTITIONS = 16;

  /** A chapter. */
  public PausedRelay() {}

  @Override
  public String title() {
    return "A relay paused past its lease (SIGSTOP) and resumed";
  }

  @Override
  public void play(Stage stage) throws Exception {
    stage.needSecondOrders();
    awaitPartitions(stage, "orders-2", PARTITIONS / 2);
    stage
        .story()
        .tell("orders-1 and orders-2 share the outbox: " + held(stage, "orders-1") + " and "
            + held(stage, "orders-2") + " partitions");
    // Requests that the gateway gives to the paused instance go to the other one after a while.
    try (Crowd crowd = Crowd.enter(stage.shop(), Integer.MAX_VALUE, Duration.ofMillis(20))) {
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= 100);
      stage.service("orders-1").pause();
      long begin = System.nanoTime();
      stage
          .story()
          .tell("SIGSTOP of orders-1 after " + crowd.placed() + " orders; its leases last "
              + Servers.LEASE_TTL.toSeconds() + " s");
      awaitPartitions(stage, "orders-2", PARTITIONS);
      stage
          .story()
          .tell("orders-2 took over all partitions after "
              + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms");
      int placed = crowd.placed();
      Await.until("orders come in", Duration.ofSeconds(20), () -> crowd.placed() >= placed + 100);
      stage.service("orders-1").resume();
      stage.story().tell("SIGCONT of orders-1 after " + crowd.placed() + " orders");
      awaitPartitions(stage, "orders-1", PARTITIONS / 2);
      stage.story().tell("orders-1 found its leases lost, and was given partitions anew");
      crowd.leave();
      stage.story().tell("all " + crowd.placed() + " orders placed");
    }
    stage.awaitSettled();
    tellRepetitions(stage);
    stage.claimAll();
  }

  private static void awaitPartitions(Stage stage, String owner, int count) throws Exception {
    Await.until(
        owner + " holds " + count + " partitions",
        Duration.ofSeconds(20),
        () -> held(stage, owner) >= count);
  }

  private static long held(Stage stage, String owner) throws SQLException {
    return stage
        .servers()
        .database("orders")
        .number("SELECT count(*) FROM msk_lease WHERE name LIKE 'relay/outbox/part/%' AND owner = '"
            + owner + "' AND expires_at > clock_timestamp()");
  }

  private static void tellRepetitions(Stage stage) throws Exception {
    long sent = stage.servers().broker().records(Topics.ORDERS);
    long orders = stage.servers().database("orders").number("SELECT count(*) FROM orders");
    stage
        .story()
        .tell("the broker got " + sent + " events of " + orders + " orders: " + (sent - orders)
            + " repetitions, which the inbox knew");
  }
}
