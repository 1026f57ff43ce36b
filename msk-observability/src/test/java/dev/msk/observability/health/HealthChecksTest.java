package dev.msk.observability.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Ticker;
import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class HealthChecksTest {

  private final ManualTime time = ManualTime.create();
  private final AtomicReference<Health> database = new AtomicReference<>(Health.up());
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void readiness_beforeTheFirstAnswer_isUnknown() {
    HealthChecks checks = onExecutor(task -> {}).build().start();

    assertThat(ready(checks).status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(ready(checks).checks().get("database").data())
        .containsEntry("reason", "not checked yet");
  }

  @Test
  void readiness_followsTheCheck_withinAnInterval() {
    try (HealthChecks checks = onExecutor(Runnable::run).build().start()) {
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UP);

      database.set(Health.down("gone"));
      time.advance(Duration.ofSeconds(4));
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UP);
      time.advance(Duration.ofSeconds(1));

      assertThat(ready(checks).status()).isEqualTo(HealthStatus.DOWN);
    }
  }

  @Test
  void probe_asksNothing() {
    try (HealthChecks checks = onExecutor(Runnable::run).build().start()) {
      for (int i = 0; i < 100; i++) {
        ready(checks);
      }

      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void check_thatHangs_isDownAfterTheTimeout_andNotAskedTwice() {
    List<Runnable> hanging = new ArrayList<>();
    try (HealthChecks checks = onExecutor(hanging::add).build().start()) {
      time.advance(Duration.ofMillis(1999));
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UNKNOWN);
      time.advance(Duration.ofMillis(1));
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.DOWN);

      time.advance(Duration.ofMinutes(10));
      assertThat(hanging).hasSize(1);
      assertThat(ready(checks).checks().get("database").data())
          .containsEntry("reason", "no answer");

      hanging.get(0).run();
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UP);
    }
  }

  @Test
  void result_thatIsTooOld_isUnknown() {
    ManualTime stuck = ManualTime.create();
    try (HealthChecks checks = HealthChecks.builder(stuck, Runnable::run)
        .readiness("database", database::get)
        .ticker(time)
        .build()
        .start()) {
      time.advance(Duration.ofSeconds(20));
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UP);
      time.advance(Duration.ofNanos(1));

      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UNKNOWN);
      assertThat(ready(checks).checks().get("database").data())
          .containsEntry("reason", "last result is 20 s old");
    }
  }

  @Test
  void close_endsTheAsking_soThatResultsGrowOld() {
    HealthChecks checks = onExecutor(Runnable::run).build().start();

    checks.close();
    checks.close();
    time.advance(Duration.ofMinutes(1));

    assertThat(asked).hasValue(1);
    assertThat(ready(checks).status()).isEqualTo(HealthStatus.UNKNOWN);
  }

  @Test
  void check_thatThrows_isDown_andShowsNoMessage() {
    try (HealthChecks checks = HealthChecks.builder(time, Runnable::run)
        .readiness("database", () -> {
          throw new IllegalStateException("jdbc:postgresql://admin:hunter2@db");
        })
        .ticker(time)
        .build()
        .start()) {
      Health health = ready(checks).checks().get("database");

      assertThat(health.status()).isEqualTo(HealthStatus.DOWN);
      assertThat(health.data())
          .containsEntry("error", "java.lang.IllegalStateException")
          .noneSatisfy((key, value) -> assertThat(value).contains("hunter2"));
    }
  }

  @Test
  void executor_thatRefuses_isUnknown() {
    try (HealthChecks checks = onExecutor(task -> {
          throw new RejectedExecutionException("expected by the test");
        })
        .build()
        .start()) {
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UNKNOWN);
    }
  }

  @Test
  void startup_isAskedUntilUp_andNeverAgain() {
    database.set(Health.down("migrating"));
    try (HealthChecks checks = HealthChecks.builder(time, Runnable::run)
        .startup("schema", this::ask)
        .ticker(time)
        .build()
        .start()) {
      assertThat(checks.report(HealthGroup.STARTUP).status()).isEqualTo(HealthStatus.DOWN);
      database.set(Health.up());
      time.advance(Duration.ofSeconds(5));
      assertThat(checks.report(HealthGroup.STARTUP).status()).isEqualTo(HealthStatus.UP);

      database.set(Health.down("gone"));
      time.advance(Duration.ofHours(1));

      assertThat(checks.report(HealthGroup.STARTUP).status()).isEqualTo(HealthStatus.UP);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void optionalCheck_isShown_andDoesNotCount() {
    try (HealthChecks checks = HealthChecks.builder(time, Runnable::run)
        .optional("cache", () -> Health.down("gone"))
        .ticker(time)
        .build()
        .start()) {
      assertThat(ready(checks).status()).isEqualTo(HealthStatus.UP);
      assertThat(ready(checks).checks().get("cache").status()).isEqualTo(HealthStatus.DOWN);
    }
  }

  @Test
  void drain_takesReadinessOut_butNotLiveness() {
    try (HealthChecks checks = onExecutor(Runnable::run).build().start()) {
      checks.drain();

      assertThat(ready(checks).status()).isEqualTo(HealthStatus.OUT_OF_SERVICE);
      assertThat(checks.report(HealthGroup.LIVENESS).status()).isEqualTo(HealthStatus.UP);
    }
  }

  @Test
  void liveness_isTheProcessOwn_whateverDependenciesDo() throws Exception {
    Heartbeat loop = Heartbeat.of("loop", Duration.ofSeconds(30), time);
    Thread ended = new Thread(() -> {});
    ended.start();
    ended.join();
    database.set(Health.down("gone"));
    HealthChecks alive = onExecutor(Runnable::run)
        .liveness(loop.check())
        .liveness(LivenessCheck.noDeadlock())
        .liveness(LivenessCheck.threadAlive("main", Thread.currentThread()))
        .build()
        .start();
    HealthChecks dead = onExecutor(Runnable::run)
        .liveness(LivenessCheck.threadAlive("relay", ended))
        .build();

    time.advance(Duration.ofSeconds(30));
    assertThat(alive.report(HealthGroup.LIVENESS).status()).isEqualTo(HealthStatus.UP);
    time.advance(Duration.ofSeconds(1));
    assertThat(alive.report(HealthGroup.LIVENESS).status()).isEqualTo(HealthStatus.DOWN);
    loop.beat();
    assertThat(alive.report(HealthGroup.LIVENESS).status()).isEqualTo(HealthStatus.UP);
    assertThat(dead.report(HealthGroup.LIVENESS).status()).isEqualTo(HealthStatus.DOWN);
    alive.close();
  }

  @Test
  void build_reportsAllFaults() {
    HealthChecks.Builder builder = onExecutor(Runnable::run)
        .readiness("database", Health::up)
        .interval(Duration.ZERO)
        .timeout(Duration.ofSeconds(-1))
        .staleAfter(Duration.ZERO);

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name: database (expected: each name once); interval: PT0S (expected: > 0); "
            + "timeout: PT-1S (expected: > 0); staleAfter: PT0S (expected: > interval, PT0S)");
  }

  @Test
  void start_twice_isRefused() {
    HealthChecks checks = onExecutor(Runnable::run).build().start();

    assertThatThrownBy(checks::start).isInstanceOf(IllegalStateException.class);
    checks.close();
  }

  @Test
  void heartbeat_withoutSilence_isRefused() {
    assertThatThrownBy(() -> Heartbeat.of("loop", Duration.ZERO, Ticker.system()))
        .hasMessage("maxSilence: PT0S (expected: > 0)");
  }

  private HealthChecks.Builder onExecutor(java.util.concurrent.Executor executor) {
    return HealthChecks.builder(time, executor).readiness("database", this::ask).ticker(time);
  }

  private Health ask() {
    asked.incrementAndGet();
    return database.get();
  }

  private static HealthReport ready(HealthChecks checks) {
    return checks.report(HealthGroup.READINESS);
  }
}
