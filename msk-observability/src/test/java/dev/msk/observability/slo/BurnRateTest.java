package dev.msk.observability.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class BurnRateTest {

  private final ManualTime time = ManualTime.create();
  private final List<BurnAlert> heard = new ArrayList<>();
  private final BurnRate rate =
      BurnRate.builder(99.9, time).ticker(time).listener(heard::add).build();

  @Test
  void rate_isTheShareOfBadEventsByTheBudget() {
    run(10, 998, 2);

    assertThat(rate.over(Duration.ofMinutes(5))).isCloseTo(2, within(1e-9));
    assertThat(rate.over(Duration.ofDays(3))).isCloseTo(2, within(1e-9));
  }

  @Test
  void nothing_isNothing() {
    time.advance(Duration.ofHours(80));

    assertThat(rate.over(Duration.ofHours(1))).isZero();
    assertThat(rate.alert()).isEqualTo(BurnAlert.NONE);
    assertThat(heard).isEmpty();
  }

  @Test
  void outage_pagesAfter52Seconds_ifItWentWellBefore() {
    run(6 * 3_600, 10, 0);
    int seconds = secondsUntil(BurnAlert.PAGE, 0, 10);

    assertThat(seconds).isBetween(50, 54);
    assertThat(heard).contains(BurnAlert.PAGE);
  }

  @Test
  void tenPerCentFailures_pageAfterNineMinutes() {
    run(6 * 3_600, 10, 0);
    int seconds = secondsUntil(BurnAlert.PAGE, 9, 1);

    assertThat(seconds).isBetween(8 * 60, 9 * 60 + 30);
  }

  @Test
  void slowBurn_isATicket() {
    run(7_200, 1_000, 0);
    assertThat(rate.alert()).isEqualTo(BurnAlert.NONE);

    run(7_200, 1_000, 4);

    assertThat(rate.alert()).isEqualTo(BurnAlert.TICKET);
  }

  @Test
  void pageEnds_soonAfterTheOutage() {
    run(60, 0, 10);
    assertThat(rate.alert()).isEqualTo(BurnAlert.PAGE);

    run(30 * 60 + 61, 1_000, 0);

    assertThat(rate.alert()).isNotEqualTo(BurnAlert.PAGE);
    assertThat(heard.get(0)).isEqualTo(BurnAlert.PAGE);
    assertThat(heard).last().isNotEqualTo(BurnAlert.PAGE);
  }

  @Test
  void fewFailures_sayNothing() {
    run(9, 0, 1);
    assertThat(rate.alert()).isEqualTo(BurnAlert.NONE);

    run(1, 0, 1);
    assertThat(rate.alert()).isEqualTo(BurnAlert.PAGE);
  }

  @Test
  void whatIsOlderThanAWindow_isNotInIt() {
    run(60, 0, 10);
    run(300, 10, 0);

    assertThat(rate.over(Duration.ofMinutes(5))).isZero();
    assertThat(rate.over(Duration.ofMinutes(30))).isPositive();

    time.advance(Duration.ofDays(4));
    assertThat(rate.over(Duration.ofDays(3))).isZero();
  }

  @Test
  void listenerThatThrows_doesNotEndTheCounting() {
    BurnRate throwing = BurnRate.builder(99.9, time)
        .ticker(time)
        .listener(alert -> {
          throw new IllegalStateException("listener");
        })
        .build();
    for (int i = 0; i < 20; i++) {
      throwing.bad();
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(throwing.over(Duration.ofSeconds(10))).isCloseTo(1_000, within(1e-6));
  }

  @Test
  void gauges_showIt_untilItIsClosed() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    BurnRate shown =
        BurnRate.builder(99, time).ticker(time).telemetry(telemetry, "orders").build();
    for (int i = 0; i < 10; i++) {
      shown.bad();
      shown.good();
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(telemetry.reading("msk.slo.burn_rate", "orders", "5m").orElseThrow())
        .isCloseTo(50, within(1e-6));
    assertThat(telemetry.reading("msk.slo.burn_rate", "orders", "1h").orElseThrow())
        .isCloseTo(50, within(1e-6));
    int before = time.pendingTasks();
    shown.close();
    shown.close();
    assertThat(time.pendingTasks()).isEqualTo(before - 1);
  }

  @Test
  void noEventIsLost_betweenThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      CountDownLatch begun = new CountDownLatch(4);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(threads.submit(() -> {
          begun.countDown();
          for (int n = 0; n < 100_000; n++) {
            if (n % 2 == 0) {
              rate.good();
            } else {
              rate.bad();
            }
          }
        }));
      }
      begun.await();
      while (all.stream().anyMatch(one -> !one.isDone())) {
        time.advance(Duration.ofSeconds(1));
        time.advance(Duration.ofMillis(1));
      }
      for (Future<?> one : all) {
        one.get();
      }
      time.advance(Duration.ofSeconds(1));
    } finally {
      threads.shutdownNow();
    }

    assertThat(rate.over(Duration.ofDays(3))).isCloseTo(500, within(1e-6));
  }

  @Test
  void whatIsOutOfBounds_isNamed() {
    assertThatThrownBy(() -> BurnRate.builder(100, time).minimumFailures(0).build())
        .hasMessage("objective: 100.0 (expected: more than 0, less than 100); minimumFailures: 0"
            + " (expected: 1 or more)");
  }

  private void run(int seconds, int good, int bad) {
    for (int i = 0; i < seconds; i++) {
      count(good, bad);
    }
  }

  private int secondsUntil(BurnAlert alert, int good, int bad) {
    for (int second = 1; second < 3_600; second++) {
      count(good, bad);
      if (rate.alert() == alert) {
        return second;
      }
    }
    throw new AssertionError("no " + alert + " within an hour");
  }

  private void count(int good, int bad) {
    for (int i = 0; i < good; i++) {
      rate.good();
    }
    for (int i = 0; i < bad; i++) {
      rate.bad();
    }
    time.advance(Duration.ofSeconds(1));
  }
}
