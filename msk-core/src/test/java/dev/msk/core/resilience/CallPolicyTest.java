package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a policy decides, step by step, in time that stands still. */
class CallPolicyTest {

  private static final CallContext NONE = CallContext.empty();
  private static final CallContext MARKED =
      CallContext.builder().retriedUpstream(true).build();

  private final ManualTime time = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CallPolicy policy = builder().build();

  @Test
  void answer_isFinal() {
    Verdict verdict = attempt(CallSpec.repeatable(), NONE).done(Outcome.ok());

    assertThat(verdict).isEqualTo(Final.ANSWERED);
    assertThat(telemetry.count("msk.call.attempts", "orders", "OK")).isOne();
    assertThat(telemetry.count("msk.call.transitions", "orders", "SUCCEED")).isOne();
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_SENT", "FAILED", "TIMED_OUT", "OVERLOADED"})
  void failureOfWhatMayBeRepeated_isRepeatedTwice(Outcome.Kind kind) {
    Attempt first = attempt(CallSpec.repeatable(), NONE);
    Attempt second = retry(first.done(outcome(kind)));
    Attempt third = retry(second.done(outcome(kind)));

    Verdict last = third.done(outcome(kind));

    assertThat(second.number()).isEqualTo(2);
    assertThat(third.number()).isEqualTo(3);
    assertThat(last).isEqualTo(Final.EXHAUSTED);
    assertThat(telemetry.count("msk.call.failures", "orders", "EXHAUSTED")).isOne();
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "TIMED_OUT", "OVERLOADED"})
  void failureOfWhatMustNotBeRepeated_isFinal(Outcome.Kind kind) {
    assertThat(attempt(CallSpec.once(), NONE).done(outcome(kind))).isEqualTo(Final.NOT_REPEATABLE);
  }

  @Test
  void whatNeverReachedTheServer_isRepeatedWhateverItIs() {
    assertThat(attempt(CallSpec.once(), NONE).done(Outcome.notSent()))
        .isInstanceOf(RetryAfter.class);
    assertThat(attempt(CallSpec.once(), MARKED).done(Outcome.notSent()))
        .isInstanceOf(RetryAfter.class);
  }

  @Test
  void cancelled_isFinal_andNoFailure() {
    assertThat(attempt(CallSpec.repeatable(), NONE).done(Outcome.cancelled()))
        .isEqualTo(Final.CANCELLED);
  }

  @Test
  void withoutRetries_failuresAreFinal() {
    CallPolicy single = builder().retries(0).build();

    Attempt attempt = (Attempt) single.acquire(CallSpec.repeatable(), NONE);

    assertThat(attempt.context().retriedUpstream()).isFalse();
    assertThat(attempt.done(Outcome.failed())).isEqualTo(Final.EXHAUSTED);
  }

  @Test
  void delays_areDrawnBelowTheBackoff() {
    for (int i = 0; i < 30; i++) {
      RetryAfter first = (RetryAfter) attempt(CallSpec.repeatable(), NONE).done(Outcome.failed());
      assertThat(first.delay()).isBetween(Duration.ZERO, Duration.ofMillis(50));
      RetryAfter second = (RetryAfter) ((Attempt) first.acquire()).done(Outcome.failed());
      assertThat(second.delay()).isBetween(Duration.ZERO, Duration.ofMillis(100));
    }
  }

  @Test
  void pushBack_isWaitedInsteadOfTheBackoff() {
    Verdict verdict = attempt(CallSpec.repeatable(), NONE)
        .done(Outcome.overloaded().retryAfter(Duration.ofSeconds(4)));

    assertThat(((RetryAfter) verdict).delay()).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void pushBackOfZero_isARetryAtOnce() {
    Verdict verdict =
        attempt(CallSpec.repeatable(), NONE).done(Outcome.overloaded().retryAfter(Duration.ZERO));

    assertThat(((RetryAfter) verdict).delay()).isZero();
  }

  @Test
  void negativePushBack_isFinal_evenIfNothingWasSent() {
    Duration never = Duration.ofMillis(-1);

    assertThat(attempt(CallSpec.repeatable(), NONE).done(Outcome.failed().retryAfter(never)))
        .isEqualTo(Final.PUSHED_BACK);
    assertThat(attempt(CallSpec.repeatable(), NONE).done(Outcome.notSent().retryAfter(never)))
        .isEqualTo(Final.PUSHED_BACK);
  }

  @ParameterizedTest
  @EnumSource(PastTheDeadline.class)
  void pushBackPastTheDeadline_isFinal(PastTheDeadline pushBack) {
    double before = telemetry.reading("msk.call.retry_budget", "orders").orElseThrow();

    Verdict verdict = attempt(CallSpec.repeatable(), NONE)
        .done(Outcome.overloaded().retryAfter(pushBack.duration));

    assertThat(verdict).isEqualTo(Final.NO_TIME);
    assertThat(telemetry.reading("msk.call.retry_budget", "orders").orElseThrow())
        .as("no retry is paid for")
        .isEqualTo(before + 0.2);
  }

  private enum PastTheDeadline {
    JUST(Duration.ofSeconds(10)),
    FAR(Duration.ofSeconds(Long.MAX_VALUE));

    private final Duration duration;

    PastTheDeadline(Duration duration) {
      this.duration = duration;
    }
  }

  @Test
  void emptyBudget_isFinal() {
    CallPolicy poor = builder()
        .retryBudget(RetryBudget.builder().perSecond(0.1).ticker(time).build())
        .build();
    retry(((Attempt) poor.acquire(CallSpec.repeatable(), NONE)).done(Outcome.failed()))
        .done(Outcome.ok());

    Verdict verdict = ((Attempt) poor.acquire(CallSpec.repeatable(), NONE)).done(Outcome.failed());

    assertThat(verdict).isEqualTo(Final.NO_BUDGET);
  }

  @Test
  void markedCall_isLeftToTheLayerAbove_andPassesTheMarkOn() {
    Attempt attempt = attempt(CallSpec.repeatable(), MARKED);

    assertThat(attempt.context().retriedUpstream()).isTrue();
    assertThat(attempt.done(Outcome.failed())).isEqualTo(Final.RETRIED_UPSTREAM);
  }

  @Test
  void markedCall_addsNothingToTheBudget() {
    double before = telemetry.reading("msk.call.retry_budget", "orders").orElseThrow();

    attempt(CallSpec.repeatable(), MARKED).done(Outcome.ok());

    assertThat(telemetry.reading("msk.call.retry_budget", "orders").orElseThrow())
        .isEqualTo(before);
  }

  @Test
  void contextOfAnAttempt_marksWhatThisLayerRepeats() {
    assertThat(attempt(CallSpec.repeatable(), NONE).context().retriedUpstream()).isTrue();
    assertThat(attempt(CallSpec.once(), NONE).context().retriedUpstream()).isFalse();
  }

  @Test
  void contextOfAnAttempt_keepsTheCaller_andHasItsDeadline() {
    CallContext caller = CallContext.builder()
        .correlationId("order-42")
        .deadline(Deadline.after(Duration.ofSeconds(20), time))
        .build();
    Attempt attempt = attempt(CallSpec.once(), caller);

    time.advance(Duration.ofSeconds(1));

    assertThat(attempt.context().correlationId()).contains("order-42");
    assertThat(attempt.context().remaining()).contains(Duration.ofSeconds(2));
  }

  @Test
  void timeoutOfAnAttempt_neverExceedsWhatIsLeft() {
    CallContext soon = CallContext.builder()
        .deadline(Deadline.after(Duration.ofSeconds(4), time))
        .build();

    Attempt first = attempt(CallSpec.repeatable(), soon);
    assertThat(first.timeout()).isEqualTo(Duration.ofSeconds(3));
    time.advance(Duration.ofSeconds(3));
    Attempt second = retry(first.done(Outcome.timedOut()));

    assertThat(second.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(attempt(CallSpec.once().timeout(Duration.ofMillis(7)), soon).timeout())
        .isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void expiredDeadline_isRefused() {
    CallContext late =
        CallContext.builder().deadline(Deadline.after(Duration.ZERO, time)).build();

    assertThat(policy.acquire(CallSpec.repeatable(), late))
        .isEqualTo(new Refused(RefusalReason.DEADLINE_EXPIRED, Duration.ZERO));
    assertThat(telemetry.count("msk.call.refusals", "orders", "DEADLINE_EXPIRED"))
        .isOne();
  }

  @Test
  void lessTimeThanDeclared_isRefused() {
    CallSpec slow = CallSpec.repeatable().leastTime(Duration.ofMillis(20));

    assertThat(policy.acquire(slow.timeout(Duration.ofMillis(19)), NONE))
        .isEqualTo(new Refused(RefusalReason.NO_TIME, Duration.ZERO));
    assertThat(policy.acquire(slow.timeout(Duration.ofMillis(20)), NONE))
        .isInstanceOf(Attempt.class);
  }

  @Test
  void lessTimeThanTheFastestAnswer_isRefused_untilThatIsForgotten() {
    Attempt attempt = attempt(CallSpec.repeatable(), NONE);
    time.advance(Duration.ofMillis(40));
    attempt.done(Outcome.ok());
    CallSpec hasty = CallSpec.repeatable().timeout(Duration.ofMillis(30));

    assertThat(policy.acquire(hasty, NONE)).isInstanceOf(Refused.class);
    time.advance(Duration.ofSeconds(20));

    assertThat(policy.acquire(hasty, NONE)).isInstanceOf(Attempt.class);
  }

  @Test
  void fastFailures_sayNothingAboutTheFastestAnswer() {
    attempt(CallSpec.once(), NONE).done(Outcome.failed());
    Attempt answered = attempt(CallSpec.once(), NONE);
    time.advance(Duration.ofMillis(40));
    answered.done(Outcome.ok());

    assertThat(policy.acquire(CallSpec.once().timeout(Duration.ofMillis(39)), NONE))
        .isInstanceOf(Refused.class);
  }

  @Test
  void retryThatCouldNotBeAnswered_isNotMade() {
    Attempt attempt = attempt(
        CallSpec.repeatable().timeout(Duration.ofSeconds(1)).leastTime(Duration.ofMillis(500)),
        NONE);
    time.advance(Duration.ofMillis(501));

    assertThat(attempt.done(Outcome.failed())).isEqualTo(Final.NO_TIME);
  }

  @Test
  void doneTwice_isLate_andCountsOnce() {
    CallPolicy narrow = builder().bulkhead(1).build();
    Attempt attempt = (Attempt) narrow.acquire(CallSpec.repeatable(), NONE);
    assertThat(attempt.done(Outcome.timedOut())).isInstanceOf(RetryAfter.class);

    assertThat(attempt.done(Outcome.ok())).isEqualTo(Final.LATE);

    assertThat(narrow.acquire(CallSpec.once(), NONE)).isInstanceOf(Attempt.class);
    assertThat(narrow.acquire(CallSpec.once(), NONE)).isInstanceOf(Refused.class);
  }

  @Test
  void lateFailure_givesItsRetryBack() {
    Attempt attempt = attempt(CallSpec.repeatable(), NONE);
    attempt.done(Outcome.ok());
    double before = telemetry.reading("msk.call.retry_budget", "orders").orElseThrow();

    assertThat(attempt.done(Outcome.failed())).isEqualTo(Final.LATE);

    assertThat(telemetry.reading("msk.call.retry_budget", "orders").orElseThrow())
        .isEqualTo(before);
  }

  @Test
  void retry_isUsedOnce() {
    RetryAfter after = (RetryAfter) attempt(CallSpec.repeatable(), NONE).done(Outcome.failed());
    after.acquire();

    assertThat(after.cancel()).isFalse();
    assertThatThrownBy(after::acquire)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("acquired or cancelled before (expected: neither)");
    assertThat(telemetry.reading("msk.call.in_flight", "orders")).hasValue(1);
  }

  @Test
  void close_takesTheGaugesAway() {
    policy.close();
    policy.close();

    assertThat(telemetry.reading("msk.call.in_flight", "orders")).isEmpty();
    assertThat(policy.acquire(CallSpec.once(), NONE)).isInstanceOf(Attempt.class);
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> CallPolicy.builder(" ")
            .timeout(Duration.ZERO)
            .attemptTimeout(Duration.ofDays(2))
            .retries(11)
            .bulkhead(0)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("service: \" \" (expected: not blank); "
            + "timeout: PT0S (expected: more than zero); "
            + "attemptTimeout: PT48H (expected: at most a day); "
            + "retries: 11 (expected: 0 to 10); bulkhead: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> CallSpec.once().timeout(Duration.ZERO))
        .hasMessage("timeout: PT0S (expected: more than zero)");
  }

  private CallPolicyBuilder builder() {
    return CallPolicy.builder("orders")
        .ticker(time)
        .random(new SplittableRandom(1))
        .telemetry(telemetry);
  }

  private Attempt attempt(CallSpec spec, CallContext context) {
    return (Attempt) policy.acquire(spec, context);
  }

  private static Attempt retry(Verdict verdict) {
    return (Attempt) ((RetryAfter) verdict).acquire();
  }

  private static Outcome outcome(Outcome.Kind kind) {
    return switch (kind) {
      case OK -> Outcome.ok();
      case NOT_SENT -> Outcome.notSent();
      case FAILED -> Outcome.failed();
      case TIMED_OUT -> Outcome.timedOut();
      case OVERLOADED -> Outcome.overloaded();
      case CANCELLED -> Outcome.cancelled();
    };
  }
}
