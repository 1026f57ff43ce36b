package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Four services in a row, each with a policy of its own, before a backend that is dead: 10,000 calls, 1,000 a second. What reaches the backend
 * is counted.
 */
class RetryStormTest {

  private static final int LAYERS = 4;
  private static final int CALLS = 10_000;
  private static final CallSpec SPEC = CallSpec.repeatable();

  private final ManualTime time = ManualTime.create();
  private final CallHeaders headers = CallHeaders.builder().ticker(time).build();
  private final List<CallPolicy> layers = new ArrayList<>();
  private Outcome backend = Outcome.failed();
  private boolean carriesHeaders = true;
  private int reached;

  @BeforeEach
  void layers() {
    for (int i = 0; i < LAYERS; i++) {
      layers.add(CallPolicy.builder("layer-" + i)
          .ticker(time)
          .random(new SplittableRandom(i))
          .build());
    }
  }

  @Test
  void deadBackend_getsAtMostAQuarterMore() {
    call();

    print("four layers, answered with errors");
    assertThat(reached).isBetween(12_000, CALLS * 5 / 4);
  }

  @Test
  void backendThatRefusesConnections_getsAtMostAQuarterMore() {
    backend = Outcome.notSent();

    call();

    print("four layers, connections refused");
    assertThat(reached).isBetween(12_000, CALLS * 5 / 4);
  }

  @Test
  void budgetsWithoutTheMark_multiply() {
    carriesHeaders = false;

    call();

    print("four layers, budgets only");
    assertThat(reached).as("about 1.2 to the power of 4").isBetween(20_000, 23_000);
  }

  private void call() {
    for (int i = 0; i < CALLS; i++) {
      time.advance(Duration.ofMillis(1));
      Outcome ignored = serve(0, CallContext.empty());
      assertThat(ignored.kind()).isNotEqualTo(Outcome.Kind.OK);
    }
  }

  private Outcome serve(int layer, CallContext incoming) {
    Permit permit = layers.get(layer).acquire(SPEC, incoming);
    while (permit instanceof Attempt attempt) {
      Verdict verdict = attempt.done(send(layer + 1, attempt));
      if (!(verdict instanceof RetryAfter after)) {
        return Outcome.overloaded(); // what this layer answers to the one above: 503
      }
      permit = after.acquire();
    }
    return Outcome.overloaded();
  }

  private Outcome send(int layer, Attempt attempt) {
    if (layer == LAYERS) {
      reached++;
      return backend;
    }
    Map<String, String> carrier = new HashMap<>();
    if (carriesHeaders) {
      headers.inject(attempt.context(), carrier, Map::put);
    }
    return serve(layer, headers.extract(carrier, Map::get).build());
  }

  private void print(String what) {
    System.out.printf(
        "%s: %,d calls, %,d attempts at the backend, %.3f times as many%n",
        what, CALLS, reached, (double) reached / CALLS);
  }
}
