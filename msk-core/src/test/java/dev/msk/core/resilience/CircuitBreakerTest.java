package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Breakers of services and instances, by the policy's time. */
class CircuitBreakerTest {

  private static final Refused OPEN =
      new Refused(RefusalReason.BREAKER_OPEN, Duration.ofSeconds(10));

  private final ManualTime time = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CallPolicy policy = policy(CircuitBreakerSpec.defaults());

  @Test
  void halfOfTenFailed_opens() {
    times(5, Outcome.ok());
    times(4, Outcome.failed());
    assertThat(acquire()).isInstanceOf(Attempt.class);
    ((Attempt) acquire()).done(Outcome.failed());

    assertThat(acquire()).isEqualTo(OPEN);
    assertThat(telemetry.reading("msk.call.breaker", "orders")).hasValue(2);
    assertThat(telemetry.count("msk.call.refusals", "orders", "BREAKER_OPEN")).isOne();
  }

  @Test
  void nineFailures_areTooFewToTell() {
    times(9, Outcome.failed());

    assertThat(acquire()).isInstanceOf(Attempt.class);
  }

  @Test
  void failuresBeforeTheWindow_areForgotten() {
    times(9, Outcome.failed());
    time.advance(Duration.ofSeconds(21));
    times(9, Outcome.failed());

    assertThat(acquire()).isInstanceOf(Attempt.class);
  }

  @Test
  void open_letsThreeTryAfterTenSeconds_andClosesWhenTheyAreAnswered() {
    times(10, Outcome.failed());
    time.advance(Duration.ofSeconds(10));
    assertThat(acquire()).isEqualTo(OPEN);
    time.advance(Duration.ofMillis(1));

    Attempt first = (Attempt) acquire();
    Attempt second = (Attempt) acquire();
    Attempt third = (Attempt) acquire();
    assertThat(telemetry.reading("msk.call.breaker", "orders")).hasValue(1);
    assertThat(acquire()).as("a fourth").isEqualTo(OPEN);
    first.done(Outcome.ok());
    second.done(Outcome.ok());
    third.done(Outcome.ok());

    assertThat(telemetry.reading("msk.call.breaker", "orders")).hasValue(0);
    assertThat(acquire()).isInstanceOf(Attempt.class);
  }

  @Test
  void triesThatFail_openItAgain() {
    times(10, Outcome.failed());
    time.advance(Duration.ofMillis(10_001));

    times(3, Outcome.failed());

    assertThat(acquire()).isEqualTo(OPEN);
  }

  @Test
  void tryThatIsCancelled_makesRoomForAnother() {
    times(10, Outcome.failed());
    time.advance(Duration.ofMillis(10_001));

    times(7, Outcome.cancelled());
    times(3, Outcome.ok());

    assertThat(telemetry.reading("msk.call.breaker", "orders")).hasValue(0);
  }

  @Test
  void slowAnswers_openItIfAsked() {
    CallPolicy impatient = policy(
        CircuitBreakerSpec.builder().slowCalls(Duration.ofMillis(200), 0.5).build());
    for (int i = 0; i < 10; i++) {
      Attempt attempt = (Attempt) impatient.acquire(CallSpec.once(), CallContext.empty());
      time.advance(Duration.ofMillis(i < 5 ? 201 : 1));
      attempt.done(Outcome.ok());
    }

    assertThat(impatient.acquire(CallSpec.once(), CallContext.empty())).isEqualTo(OPEN);
  }

  @Test
  void refusedByTheBreaker_givesBackItsOtherPlaces() {
    AdaptiveLimit limit = AdaptiveLimit.builder().ticker(time).build();
    CallPolicy narrow = CallPolicy.builder("orders")
        .circuitBreaker(CircuitBreakerSpec.defaults())
        .bulkhead(2)
        .limit(limit)
        .ticker(time)
        .build();
    for (int i = 0; i < 10; i++) {
      ((Attempt) narrow.acquire(CallSpec.once(), CallContext.empty())).done(Outcome.failed());
    }

    for (int i = 0; i < 5; i++) {
      assertThat(narrow.acquire(CallSpec.once(), CallContext.empty())).isEqualTo(OPEN);
    }

    assertThat(limit.inFlight()).isZero();
    assertThat(narrow).hasToString("CallPolicy[orders, 0 in flight]");
  }

  @Test
  void instance_hasABreakerOfItsOwn() {
    CallPolicy perInstance = CallPolicy.builder("orders")
        .instanceBreakers(CircuitBreakerSpec.defaults())
        .ticker(time)
        .build();
    for (int i = 0; i < 10; i++) {
      Attempt attempt = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
      assertThat(attempt.tryInstance("10.0.0.1:80")).isTrue();
      attempt.done(Outcome.failed());
    }

    Attempt attempt = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
    assertThat(attempt.tryInstance("10.0.0.1:80")).isFalse();
    assertThat(attempt.tryInstance("10.0.0.2:80")).isTrue();
    attempt.done(Outcome.ok());
    time.advance(Duration.ofMillis(10_001));
    Attempt later = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());

    assertThat(later.tryInstance("10.0.0.1:80")).as("after its time").isTrue();
  }

  @Test
  void instanceThatWasLeftForAnother_getsItsTryBack() {
    CallPolicy perInstance = CallPolicy.builder("orders")
        .instanceBreakers(CircuitBreakerSpec.builder().minimumCalls(1).probes(1).build())
        .ticker(time)
        .build();
    Attempt fails = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
    fails.tryInstance("a");
    fails.done(Outcome.failed());
    time.advance(Duration.ofMillis(10_001));

    Attempt attempt = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
    assertThat(attempt.tryInstance("a")).isTrue();
    assertThat(attempt.tryInstance("b")).isTrue();
    Attempt other = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());

    assertThat(other.tryInstance("a")).isTrue();
  }

  @Test
  void instanceThatFailedWithinAnAttempt_isToldSo_andTheNextOneIsNot() {
    CallPolicy perInstance = CallPolicy.builder("orders")
        .instanceBreakers(CircuitBreakerSpec.builder().minimumCalls(1).build())
        .ticker(time)
        .build();
    Attempt attempt = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
    assertThat(attempt.tryInstance("dead")).isTrue();

    attempt.leaveInstance(Outcome.notSent());
    assertThat(attempt.tryInstance("alive")).isTrue();
    assertThat(attempt.done(Outcome.ok())).isEqualTo(Final.ANSWERED);

    Attempt next = (Attempt) perInstance.acquire(CallSpec.once(), CallContext.empty());
    assertThat(next.tryInstance("dead")).isFalse();
    assertThat(next.tryInstance("alive")).isTrue();
  }

  @Test
  void withoutBreakersForInstances_everyInstanceWillDo() {
    assertThat(((Attempt) acquire()).tryInstance("10.0.0.1:80")).isTrue();
  }

  @Test
  void breakersOfInstances_areBounded_andForgotten() {
    InstanceBreakers breakers = new InstanceBreakers("orders", CircuitBreakerSpec.defaults(), time);
    Breaker first = breakers.of("0");
    for (int i = 1; i < 3 * InstanceBreakers.MAX; i++) {
      time.advance(Duration.ofMillis(1));
      var unused = breakers.of("" + i);
      assertThat(breakers.of("0")).as("one that is used").isSameAs(first);
    }
    assertThat(breakers.size()).isEqualTo(InstanceBreakers.MAX);

    time.advance(Duration.ofMinutes(11));
    var unused = breakers.of("new");

    assertThat(breakers.size()).isOne();
  }

  @Test
  void spec_namesEveryFault() {
    assertThatThrownBy(() -> CircuitBreakerSpec.builder()
            .failureRate(0)
            .window(Duration.ofMillis(1500))
            .minimumCalls(0)
            .openFor(Duration.ZERO)
            .probes(0)
            .slowCalls(Duration.ZERO, 2)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("failureRate: 0.0 (expected: above 0, at most 1); "
            + "window: PT1.5S (expected: whole seconds, 1 to 3,600); "
            + "minimumCalls: 0 (expected: 1 or more); "
            + "openFor: PT0S (expected: 1 ms to an hour); probes: 0 (expected: 1 or more); "
            + "slowCalls.rate: 2.0 (expected: above 0, at most 1); "
            + "slowCalls.after: PT0S (expected: more than zero)");
  }

  private CallPolicy policy(CircuitBreakerSpec spec) {
    return CallPolicy.builder("orders")
        .circuitBreaker(spec)
        .ticker(time)
        .telemetry(telemetry)
        .build();
  }

  private Permit acquire() {
    return policy.acquire(CallSpec.once(), CallContext.empty());
  }

  private void times(int count, Outcome outcome) {
    for (int i = 0; i < count; i++) {
      ((Attempt) acquire()).done(outcome);
    }
  }
}
