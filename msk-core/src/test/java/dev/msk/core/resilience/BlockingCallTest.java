package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.Ticker;
import dev.msk.core.testing.RecordingTelemetry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The loop that blocks. */
class BlockingCallTest {

  private static final Backoff AT_ONCE = new Backoff(Duration.ofNanos(1), Duration.ofNanos(1));
  private static final long STEP = Duration.ofMillis(10).toNanos();

  /** Moves on with each reading. */
  private final AtomicLong now = new AtomicLong();

  private final Ticker ticker = () -> now.addAndGet(STEP);
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CallPolicy policy = builder().build();
  private final List<Integer> numbers = new ArrayList<>();

  @Test
  void answer_comesBack() {
    String answer = policy.call(CallSpec.once(), attempt -> "answer " + attempt.number());

    assertThat(answer).isEqualTo("answer 1");
  }

  @Test
  void failure_isRepeatedUntilThereIsAnAnswer() throws Exception {
    String answer = policy.call(CallSpec.repeatable(), attempt -> {
      numbers.add(attempt.number());
      if (attempt.number() < 3) {
        throw new IOException("broken pipe");
      }
      return "answer";
    });

    assertThat(answer).isEqualTo("answer");
    assertThat(numbers).containsExactly(1, 2, 3);
  }

  @Test
  void lastFailure_goesOutAsItIs() {
    List<IOException> failures = new ArrayList<>();

    Throwable thrown = catchThrowable(() -> policy.call(CallSpec.repeatable(), attempt -> {
      IOException failure = new IOException("attempt " + attempt.number());
      failures.add(failure);
      throw failure;
    }));

    assertThat(failures).hasSize(3);
    assertThat(thrown).isSameAs(failures.get(2)).hasNoSuppressedExceptions();
  }

  @Test
  void error_isNotRepeated() {
    assertThatThrownBy(() -> policy.call(CallSpec.repeatable(), attempt -> {
          numbers.add(attempt.number());
          throw new StackOverflowError();
        }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(numbers).containsExactly(1);
  }

  @Test
  void refusedFirst_throwsWithTheFacts() {
    CallPolicy narrow = builder().bulkhead(1).build();

    assertThatThrownBy(() ->
            narrow.call(CallSpec.once(), outer -> narrow.call(CallSpec.once(), inner -> "never")))
        .isInstanceOfSatisfying(CallRefusedException.class, e -> {
          assertThat(e.reason()).isEqualTo(RefusalReason.BULKHEAD_FULL);
          assertThat(e.retryAfter()).isZero();
        })
        .hasMessage("orders: not called, BULKHEAD_FULL");
  }

  @Test
  void refusedLater_isSuppressedInTheFailure() {
    Rival rival = new Rival();
    CallPolicy narrow = builder().bulkhead(1).ticker(rival).build();
    rival.policy = narrow;

    Throwable thrown = catchThrowable(() -> narrow.call(CallSpec.repeatable(), attempt -> {
      rival.isArmed = true;
      throw new IOException("gone");
    }));

    assertThat(thrown).isInstanceOf(IOException.class);
    assertThat(thrown.getSuppressed()).hasSize(1);
    assertThat(thrown.getSuppressed()[0])
        .isInstanceOf(CallRefusedException.class)
        .hasMessage("orders: not called, BULKHEAD_FULL");
  }

  /** A clock that takes the place that is free between an attempt and the next one. */
  private final class Rival implements Ticker {

    private @Nullable CallPolicy policy;
    private boolean isArmed;

    @Override
    public long nanoTime() {
      if (isArmed) {
        isArmed = false; // while it asks, which reads this clock
        isArmed = requireNonNull(policy).acquire(CallSpec.once()) instanceof Refused;
      }
      return now.addAndGet(STEP);
    }
  }

  @Test
  void resultThatSaysUnavailable_isRepeated_andIsTheResultInTheEnd() {
    CallPolicy http = builder()
        .outcomes(new Outcomes() {
          @Override
          public Outcome ofFailure(Throwable failure) {
            return Outcome.failed();
          }

          @Override
          public Outcome ofResult(@Nullable Object result) {
            return Integer.valueOf(503).equals(result) ? Outcome.overloaded() : Outcome.ok();
          }
        })
        .build();

    int recovered = http.call(CallSpec.repeatable(), a -> a.number() == 1 ? 503 : 200);
    int unavailable = http.call(CallSpec.repeatable(), a -> {
      numbers.add(a.number());
      return 503;
    });

    assertThat(recovered).isEqualTo(200);
    assertThat(unavailable).isEqualTo(503);
    assertThat(numbers).containsExactly(1, 2, 3);
  }

  @Test
  void classifierThatFails_endsTheCall_andFreesItsPlace() {
    CallPolicy broken = builder()
        .bulkhead(1)
        .outcomes(failure -> {
          throw new IllegalStateException("cannot tell");
        })
        .build();

    Throwable thrown = catchThrowable(() -> broken.call(CallSpec.repeatable(), attempt -> {
      throw new IOException("gone");
    }));

    assertThat(thrown).isInstanceOf(IOException.class);
    assertThat(thrown.getSuppressed()).hasSize(1);
    assertThat(thrown.getSuppressed()[0]).isInstanceOf(IllegalStateException.class);
    String next = broken.call(CallSpec.once(), attempt -> "free");
    assertThat(next).isEqualTo("free");
  }

  @Test
  void workRunsInItsContext_andTheCallersIsBackAfterwards() {
    CallContext caller = CallContext.builder().correlationId("order-42").build();

    try (Scope scope = caller.makeCurrent()) {
      CallContext within = policy.call(CallSpec.repeatable(), attempt -> CallContext.current());

      assertThat(within.correlationId()).contains("order-42");
      assertThat(within.retriedUpstream()).isTrue();
      assertThat(within.deadline()).isPresent();
      assertThat(CallContext.current()).isSameAs(caller);
    }
  }

  @Test
  void contextOfTheWork_isTheAttempts_howeverOftenItIsAskedFor() {
    List<CallContext> seen = new ArrayList<>();

    policy.call(CallSpec.repeatable(), attempt -> {
      seen.add(CallContext.current());
      seen.add(attempt.context());
      return seen.add(CallContext.current());
    });

    assertThat(seen).hasSize(3).allSatisfy(context -> assertThat(context).isSameAs(seen.get(0)));
  }

  @Test
  void workThatFails_leavesTheCallersContext() {
    CallContext caller = CallContext.builder().correlationId("order-42").build();

    try (Scope scope = caller.makeCurrent()) {
      assertThatThrownBy(() -> policy.call(CallSpec.once(), attempt -> {
            throw new IOException("gone");
          }))
          .isInstanceOf(IOException.class);

      assertThat(CallContext.current()).isSameAs(caller);
    }
  }

  @Test
  void scopeThatTheWorkLeftOpen_endsWithIt() {
    CallContext stray = CallContext.builder().correlationId("order-42").build();

    policy.call(CallSpec.once(), attempt -> stray.makeCurrent());

    assertThat(CallContext.current()).isSameAs(CallContext.empty());
  }

  @Test
  void policyWithinAPolicy_doesNotRetry() {
    CallPolicy inner =
        CallPolicy.builder("stock").backoff(AT_ONCE).ticker(ticker).build();

    Throwable thrown = catchThrowable(() -> policy.call(
        CallSpec.repeatable(),
        attempt -> inner.call(CallSpec.repeatable(), nested -> {
          numbers.add(10 * attempt.number() + nested.number());
          throw new IOException("dead");
        })));

    assertThat(thrown).isInstanceOf(IOException.class);
    assertThat(numbers).containsExactly(11, 21, 31);
  }

  @Test
  void interruptWhileWaiting_endsTheCall_andStays() {
    try {
      Throwable thrown = catchThrowable(() -> policy.call(CallSpec.repeatable(), attempt -> {
        numbers.add(attempt.number());
        Thread.currentThread().interrupt();
        throw new IOException("gone");
      }));

      assertThat(thrown).isInstanceOf(IOException.class);
      assertThat(numbers).containsExactly(1);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThat(telemetry.count("msk.call.transitions", "orders", "ABANDON")).isOne();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void interruptOfTheWork_isNotRepeated() {
    assertThatThrownBy(() -> policy.call(CallSpec.repeatable(), attempt -> {
          throw new InterruptedException("stop");
        }))
        .isInstanceOf(InterruptedException.class);
    assertThat(telemetry.count("msk.call.transitions", "orders", "CANCEL")).isOne();
  }

  @Test
  void fallback_isOfTheFinalFailure() {
    String answer = policy.callOrElse(
        CallSpec.repeatable(),
        attempt -> {
          throw new IOException("attempt " + attempt.number());
        },
        failure -> "last known, because of " + failure.getMessage());

    assertThat(answer).isEqualTo("last known, because of attempt 3");
  }

  @Test
  void fallback_isThereForRefusalsToo_andNotForAnswers() {
    CallPolicy narrow = builder().bulkhead(1).build();

    String answer = narrow.callOrElse(
        CallSpec.once(),
        outer -> "answer, " + narrow.callOrElse(CallSpec.once(), inner -> "no", failure -> "else"),
        failure -> "never");

    assertThat(answer).isEqualTo("answer, else");
  }

  @Test
  void fallbackThatFails_keepsTheFirstFailure() {
    Throwable thrown = catchThrowable(() -> policy.callOrElse(
        CallSpec.once(),
        attempt -> {
          throw new IOException("first");
        },
        failure -> {
          throw new IllegalStateException("second");
        }));

    assertThat(thrown).hasMessage("second");
    assertThat(thrown.getSuppressed()).hasSize(1);
    assertThat(thrown.getSuppressed()[0]).hasToString("java.io.IOException: first");
  }

  @Test
  void fallbackAfterAnInterrupt_leavesTheThreadInterrupted() {
    String answer = policy.callOrElse(
        CallSpec.once(),
        attempt -> {
          throw new InterruptedException("stop");
        },
        failure -> "else");

    assertThat(answer).isEqualTo("else");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void exceptionsOfTheJdk_areTold() {
    Outcomes outcomes = Outcomes.ofExceptions();

    assertThat(outcomes.ofFailure(new ConnectException("no")).kind())
        .isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcomes.ofFailure(new SocketTimeoutException("late")).kind())
        .isEqualTo(Outcome.Kind.TIMED_OUT);
    assertThat(outcomes.ofFailure(new TimeoutException("late")).kind())
        .isEqualTo(Outcome.Kind.TIMED_OUT);
    assertThat(outcomes.ofFailure(new IOException("?")).kind()).isEqualTo(Outcome.Kind.FAILED);
    Refused refused = new Refused(RefusalReason.BREAKER_OPEN, Duration.ofSeconds(10));
    assertThat(outcomes.ofFailure(new CallRefusedException("stock", refused)))
        .hasToString("NOT_SENT, retry after PT10S");
    assertThat(Outcomes.unwrap(new CompletionException(new ConnectException("no"))))
        .isInstanceOf(ConnectException.class);
  }

  private CallPolicyBuilder builder() {
    return CallPolicy.builder("orders").ticker(ticker).telemetry(telemetry);
  }
}
