package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The loop over futures. */
class AsyncCallsTest {

  private static final Duration LONG = Duration.ofSeconds(1);

  private final ManualTime time = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CallPolicy policy = CallPolicy.builder("orders")
      .ticker(time)
      .random(new SplittableRandom(3))
      .telemetry(telemetry)
      .build();
  private final AsyncCalls calls = AsyncCalls.of(policy, time);
  private final List<CompletableFuture<String>> stages = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    assertThat(time.pendingTasks()).as("timers").isZero();
    assertThat(telemetry.reading("msk.call.in_flight", "orders"))
        .as("in flight")
        .hasValue(0);
  }

  @Test
  void answer_comesBack() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);

    stages.get(0).complete("answer");

    assertThat(result).isCompletedWithValue("answer");
  }

  @Test
  void failure_isRepeatedAfterTheBackoff() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);

    stages.get(0).completeExceptionally(new IOException("gone"));
    assertThat(stages).hasSize(1);
    time.advance(Duration.ofMillis(50));
    stages.get(1).complete("answer");

    assertThat(result).isCompletedWithValue("answer");
  }

  @Test
  void lastFailure_isTheResult() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);
    for (int i = 0; i < 3; i++) {
      stages.get(i).completeExceptionally(new IOException("attempt " + i));
      time.advance(Duration.ofMillis(200));
    }

    assertThat(result).isCompletedExceptionally();
    assertThat(result.handle((value, error) -> error))
        .isCompletedWithValueMatching(
            error -> error instanceof IOException && error.getMessage().equals("attempt 2"));
  }

  @Test
  void workThatThrows_isAFailedAttempt() {
    CompletableFuture<String> result = calls.call(CallSpec.once(), attempt -> {
      throw new IllegalStateException("no");
    });

    assertThat(result.handle((value, error) -> error))
        .isCompletedWithValueMatching(IllegalStateException.class::isInstance);
  }

  @Test
  void attemptWithoutAnAnswer_isEndedAndCancelled_andRepeated() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);

    time.advance(Duration.ofSeconds(3));
    assertThat(stages.get(0)).isCancelled();
    time.advance(Duration.ofMillis(50));
    stages.get(1).complete("answer");

    assertThat(result).isCompletedWithValue("answer");
    assertThat(telemetry.count("msk.call.attempts", "orders", "TIMED_OUT")).isOne();
  }

  @Test
  void withoutAnyAnswer_endsInATimeout() {
    CompletableFuture<String> result = calls.call(CallSpec.once().timeout(LONG), this::begin);

    time.advance(LONG);

    assertThat(result.handle((value, error) -> error))
        .isCompletedWithValueMatching(error -> error instanceof TimeoutException
            && error.getMessage().equals("orders: no answer within PT1S"));
  }

  @Test
  void cancelledWhileUnderWay_cancelsTheStage() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);

    result.cancel(true);

    assertThat(stages.get(0)).isCancelled();
    assertThat(telemetry.count("msk.call.transitions", "orders", "CANCEL")).isOne();
  }

  @Test
  void cancelledWhileWaiting_makesNoOtherAttempt() {
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), this::begin);
    stages.get(0).completeExceptionally(new IOException("gone"));

    result.cancel(true);
    time.advance(LONG);

    assertThat(stages).hasSize(1);
    assertThat(telemetry.count("msk.call.transitions", "orders", "ABANDON")).isOne();
  }

  @Test
  void refused_isTheResult() {
    CallContext late =
        CallContext.builder().deadline(Deadline.after(Duration.ZERO, time)).build();

    CompletableFuture<String> result;
    try (Scope scope = late.makeCurrent()) {
      result = calls.call(CallSpec.repeatable(), this::begin);
    }

    assertThat(stages).isEmpty();
    assertThat(result.handle((value, error) -> error))
        .isCompletedWithValueMatching(CallRefusedException.class::isInstance);
  }

  @Test
  void attemptsBeginInTheirContext() {
    List<CallContext> seen = new ArrayList<>();
    CompletableFuture<String> result = calls.call(CallSpec.repeatable(), attempt -> {
      seen.add(CallContext.current());
      return attempt.number() == 1
          ? CompletableFuture.failedFuture(new IOException("gone"))
          : CompletableFuture.completedFuture("answer");
    });
    time.advance(LONG);

    assertThat(result).isCompletedWithValue("answer");
    assertThat(seen).hasSize(2).allMatch(CallContext::retriedUpstream);
    assertThat(CallContext.current()).isSameAs(CallContext.empty());
  }

  @Test
  void schedulerThatIsShutDown_endsTheCall() {
    Scheduler closed = (delay, task) -> {
      throw new RejectedExecutionException("closed");
    };

    CompletableFuture<String> result =
        AsyncCalls.of(policy, closed).call(CallSpec.repeatable(), this::begin);

    assertThat(stages.get(0)).isCancelled();
    assertThat(result.handle((value, error) -> error))
        .isCompletedWithValueMatching(RejectedExecutionException.class::isInstance);
  }

  private CompletableFuture<String> begin(Attempt attempt) {
    CompletableFuture<String> stage = new CompletableFuture<>();
    stages.add(stage);
    return stage;
  }
}
