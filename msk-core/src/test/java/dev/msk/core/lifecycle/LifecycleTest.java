package dev.msk.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.testing.RecordingTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LifecycleTest {

  private final List<String> log = new CopyOnWriteArrayList<>();

  private Part part(String name) {
    return Part.named(name)
        .start(() -> log.add("start " + name))
        .drain(() -> log.add("drain " + name))
        .stop(() -> log.add("stop " + name));
  }

  @Test
  void parts_startInOrder_drainAndStopInReverse() {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", () -> log.add("close database"))
        .part("relay", () -> log.add("start relay"), () -> log.add("stop relay"))
        .part(part("http"))
        .build();

    lifecycle.start();
    assertThat(log).containsExactly("start relay", "start http");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.RUNNING);
    lifecycle.close();
    lifecycle.close();

    assertThat(log)
        .containsExactly(
            "start relay", "start http", "drain http", "stop http", "stop relay", "close database");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPED);
  }

  @Test
  void failedStart_stopsWhatIsUp_andNamesThePart() {
    IOException taken = new IOException("port taken");
    IllegalStateException stuck = new IllegalStateException("stuck");
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part(part("database"))
        .part(part("relay").stop(() -> {
          throw stuck;
        }))
        .part(part("http").start(() -> {
          throw taken;
        }))
        .part(part("registry"))
        .part("open", () -> log.add("close open"))
        .build();

    LifecycleException failure = catchThrowableOfType(LifecycleException.class, lifecycle::start);

    assertThat(failure)
        .hasMessage("orders: http did not start: java.io.IOException: port taken")
        .hasCause(taken)
        .hasSuppressedException(stuck);
    assertThat(failure.part()).contains("http");
    assertThat(failure.lifecycle()).isEqualTo("orders");
    assertThat(failure.closed()).isFalse();
    assertThat(log).containsExactly("start database", "start relay", "close open", "stop database");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPED);
    assertThatThrownBy(lifecycle::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("phase: STOPPED (expected: NEW, and not closed)");
  }

  @Test
  void errorInStart_stopsWhatIsUpToo() {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part(part("database"))
        .part(part("http").start(() -> {
          throw new NoClassDefFoundError("x/Y");
        }))
        .build();

    assertThatThrownBy(lifecycle::start)
        .isInstanceOf(LifecycleException.class)
        .hasCauseInstanceOf(NoClassDefFoundError.class);

    assertThat(log).containsExactly("start database", "stop database");
  }

  @Test
  void closedBeforeStart_closesWhatIsOpenAlready() {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", () -> log.add("close database"))
        .part(part("http"))
        .build();

    lifecycle.close();

    assertThat(log).containsExactly("close database");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPED);
  }

  @Test
  void isReady_wantsEveryPart() {
    AtomicBoolean connected = new AtomicBoolean();
    AtomicBoolean broken = new AtomicBoolean();
    List<Boolean> whileStarting = new CopyOnWriteArrayList<>();
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .part(Part.named("registry").readyWhen(connected::get))
        .part(Part.named("cache").readyWhen(() -> {
          if (broken.get()) {
            throw new IllegalStateException("cannot tell");
          }
          return true;
        }))
        .part(part("http").start(() -> whileStarting.add(self[0].isReady())))
        .build();
    try (Lifecycle lifecycle = self[0]) {
      connected.set(true);
      assertThat(lifecycle.isReady()).as("before start").isFalse();
      lifecycle.start();

      assertThat(whileStarting).containsExactly(false);
      assertThat(lifecycle.isReady()).isTrue();
      connected.set(false);
      assertThat(lifecycle.isReady()).as("a part says no").isFalse();
      connected.set(true);
      broken.set(true);
      assertThat(lifecycle.isReady()).as("a part cannot say").isFalse();
    }
    broken.set(false);
    assertThat(self[0].isReady()).as("stopped").isFalse();
  }

  @Test
  void drain_takesReadinessAwayFirst_andLeavesPartsUp() {
    List<Boolean> ready = new CopyOnWriteArrayList<>();
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .part(part("http").drain(() -> ready.add(self[0].isReady())))
        .build()
        .start();

    self[0].drain();
    self[0].drain();

    assertThat(ready).containsExactly(false);
    assertThat(log).containsExactly("start http");
    assertThat(self[0].phase()).isEqualTo(LifecyclePhase.DRAINING);
    self[0].close();
    assertThat(log).containsExactly("start http", "stop http");
    assertThat(ready).hasSize(1);
  }

  @Test
  void drain_beforeStart_doesNothing() {
    try (Lifecycle lifecycle = Lifecycle.builder("orders").part(part("http")).build()) {
      lifecycle.drain();

      assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.NEW);
    }
  }

  @Test
  void failedDrainAndStop_doNotKeepOthersFromStopping() {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part(part("database"))
        .part(part("http")
            .drain(() -> {
              throw new IOException("gone");
            })
            .stop(() -> {
              throw new AssertionError("gone");
            }))
        .build()
        .start();

    lifecycle.close();

    assertThat(log)
        .containsExactly("start database", "start http", "drain database", "stop database");
  }

  @Test
  void telemetry_measuresEachStep() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .telemetry(telemetry)
        .part("database", () -> {})
        .part(part("http").stop(() -> {
          throw new IOException("gone");
        }))
        .build()
        .start();

    lifecycle.close();

    assertThat(telemetry.operations("msk.lifecycle.step"))
        .extracting(o -> o.tags().get("part") + " " + o.tags().get("step") + " " + o.outcome())
        .containsExactly("http start ok", "http drain ok", "http stop error", "database stop ok");
    assertThat(telemetry.runningOperations()).isZero();
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> Lifecycle.builder(" ")
            .part(part("http"))
            .part(part("http"))
            .within(Duration.ofSeconds(5))
            .drainDelay(Duration.ofSeconds(5))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name: \" \" (expected: not blank); part: http (expected: each name once); "
            + "drainDelay: PT5S (expected: zero or more, less than PT5S, the total)");
    assertThatThrownBy(() -> Lifecycle.builder("a").within(Duration.ofDays(2)).build())
        .hasMessage("within: PT48H (expected: above zero, at most PT24H)");
    assertThatThrownBy(() -> Part.named(""))
        .hasMessage("name: \"\" (expected: 1 to 100 characters, not blank)");
    assertThatThrownBy(() -> Part.named("a").within(Duration.ZERO))
        .hasMessage("within: PT0S (expected: above zero)");
  }
}
