package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadShedderTest {

  private static final CallContext NONE = CallContext.empty();

  private final ManualTime time = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final LoadShedder shedder =
      LoadShedder.builder("orders").ticker(time).telemetry(telemetry).build();

  @Test
  void idle_letsEverythingIn() {
    for (Priority priority : Priority.values()) {
      assertThat(shedder.admit(priority, NONE)).isInstanceOf(Admitted.class);
    }
  }

  @Test
  void lowPriorities_areShedFirst() {
    for (int i = 0; i < 16; i++) {
      assertThat(shedder.admit(Priority.SHEDDABLE, NONE)).isInstanceOf(Admitted.class);
    }
    assertThat(shedder.admit(Priority.SHEDDABLE, NONE))
        .isEqualTo(new Refused(RefusalReason.LIMIT_REACHED, Duration.ZERO));
    for (int i = 0; i < 2; i++) {
      assertThat(shedder.admit(Priority.DEFAULT, NONE)).isInstanceOf(Admitted.class);
    }
    assertThat(shedder.admit(Priority.DEFAULT, NONE)).isInstanceOf(Refused.class);
    assertThat(shedder.admit(Priority.CRITICAL, NONE)).isInstanceOf(Admitted.class);

    assertThat(telemetry.count("msk.shed.admissions", "orders", "SHEDDABLE", "ADMITTED"))
        .isEqualTo(16);
    assertThat(telemetry.count("msk.shed.admissions", "orders", "SHEDDABLE", "LIMIT_REACHED"))
        .isOne();
    assertThat(telemetry.reading("msk.shed.in_flight", "orders")).hasValue(19);
    assertThat(telemetry.reading("msk.shed.limit", "orders")).hasValue(20);
  }

  @Test
  void done_makesRoom_once() {
    Admitted admitted = (Admitted) shedder.admit(Priority.DEFAULT, NONE);
    assertThat(shedder.admit(Priority.DEFAULT, NONE)).isInstanceOf(Admitted.class);

    admitted.done(Outcome.ok());
    admitted.done(Outcome.ok());

    assertThat(telemetry.reading("msk.shed.in_flight", "orders")).hasValue(1);
  }

  @Test
  void expiredDeadline_isRefusedAtOnce() {
    assertThat(shedder.admit(Priority.CRITICAL, within(Duration.ZERO)))
        .isEqualTo(new Refused(RefusalReason.DEADLINE_EXPIRED, Duration.ZERO));
    assertThat(shedder.admit(Priority.CRITICAL, within(Duration.ofNanos(1))))
        .isInstanceOf(Admitted.class);
  }

  @Test
  void deadlineThatNobodyHasMadeOfLate_isRefused() {
    Admitted admitted = (Admitted) shedder.admit(Priority.CRITICAL, NONE);
    time.advance(Duration.ofMillis(30));
    admitted.done(Outcome.ok());

    assertThat(shedder.admit(Priority.CRITICAL, within(Duration.ofMillis(29))))
        .isEqualTo(new Refused(RefusalReason.NO_TIME, Duration.ZERO));
    assertThat(shedder.admit(Priority.CRITICAL, within(Duration.ofMillis(30))))
        .isInstanceOf(Admitted.class);
  }

  /** 20 workers at 50 ms can do 400 calls a second; 900 come, a third of each priority. */
  @Test
  void overload_keepsAnswersFast_andCriticalCallsAlive() {
    QueueingServer server = new QueueingServer(time, 20, Duration.ofMillis(50));
    Map<Priority, Integer> answered = new EnumMap<>(Priority.class);
    List<Priority> priorities = List.of(Priority.values());
    long[] slowest = new long[1];
    for (int i = 0; i < 18_000; i++) {
      time.advance(Duration.ofNanos(1_111_111));
      Priority priority = priorities.get(i % 3);
      if (shedder.admit(priority, NONE) instanceof Admitted admitted) {
        long from = time.nanoTime();
        server.serve(() -> {
          admitted.done(Outcome.ok());
          answered.merge(priority, 1, Integer::sum);
          slowest[0] = Math.max(slowest[0], time.nanoTime() - from);
        });
      }
    }

    assertThat(Duration.ofNanos(slowest[0])).isLessThan(Duration.ofMillis(150));
    assertThat(answered.get(Priority.CRITICAL)).as("of 6,000").isGreaterThan(5_000);
    assertThat(answered.get(Priority.SHEDDABLE))
        .as("shed before the others")
        .isLessThan(answered.get(Priority.DEFAULT) / 2);
  }

  @Test
  void close_takesTheGaugesAway() {
    shedder.close();
    shedder.close();

    assertThat(telemetry.reading("msk.shed.limit", "orders")).isEmpty();
    assertThat(shedder.admit(Priority.DEFAULT, NONE)).isInstanceOf(Admitted.class);
  }

  @Test
  void build_wantsAName() {
    assertThatThrownBy(() -> LoadShedder.builder("").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("server: \"\" (expected: not blank)");
  }

  private CallContext within(Duration timeout) {
    return CallContext.builder().deadline(Deadline.after(timeout, time)).build();
  }
}
