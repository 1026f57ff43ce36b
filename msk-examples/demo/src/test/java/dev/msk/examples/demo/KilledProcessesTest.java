package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Under a stream of orders each process is killed with {@code kill -9} at random moments and started
 * again: every order ends completed or compensated, money and stock are conserved. {@link ChecksTest}
 * shows that the checks would find what is wrong.
 *
 * <p>{@code -Ddemo.kills=20} kills each process twenty times; 1 by default. {@code -Ddemo.seed} repeats
 * the moments of a run.
 */
@ExtendWith(RunningStage.class)
class KilledProcessesTest {

  private static final int KILLS = Integer.getInteger("demo.kills", 1);
  private static final long SEED = Long.getLong("demo.seed", System.nanoTime());

  @Test
  @Timeout(3_600)
  void everyOrderEnds_andNothingIsLostOrMadeOfNothing(Stage stage) throws Exception {
    stage.needSecondOrders();
    Random random = new Random(SEED);
    List<String> victims = new ArrayList<>();
    for (int i = 0; i < KILLS; i++) {
      victims.addAll(stage.services().keySet());
    }
    Collections.sort(victims);
    Collections.shuffle(victims, random);

    int placed;
    try (Crowd crowd = Crowd.enter(stage.shop(), Integer.MAX_VALUE, Duration.ofMillis(500))) {
      for (String victim : victims) {
        pause(random.nextInt(1_500));
        stage.service(victim).kill();
        pause(random.nextInt(1_000));
        stage.service(victim).restart();
      }
      int sofar = crowd.placed();
      Await.until(
          "orders come in again", Duration.ofSeconds(60), () -> crowd.placed() > sofar + 20);
      crowd.leave();
      placed = crowd.placed();
    }
    stage.awaitSettled();

    System.out.println(victims.size() + " kills under " + placed + " orders, -Ddemo.seed=" + SEED
        + ": " + outcome(stage));
    Checks checks = stage.checks();
    assertThat(checks.promisesKept(stage.shop().promised())).isEmpty();
    assertThat(checks.eachEndedAsItsSaga()).isEmpty();
    assertThat(checks.moneyConserved()).isEmpty();
    assertThat(checks.stockConserved(Servers.STOCK)).isEmpty();
    assertThat(checks.eachArrivedOnce()).isEmpty();
    assertThat(checks.orderOfCustomersKept()).isEmpty();
    assertThat(checks.nothingParked()).isEmpty();
  }

  private static List<String> outcome(Stage stage) throws SQLException {
    return stage
        .servers()
        .database("orders")
        .texts("SELECT status || ' ' || count(*) FROM orders GROUP BY status ORDER BY status");
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }
}
