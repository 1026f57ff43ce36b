package dev.msk.benchmarks.observability;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Work that is reported as one operation, which is current meanwhile: three tags that are known ahead, a fact that comes at its
 * start, and how it ended.
 */
final class Reported {

  static final String NAME = "shop.order";
  static final String ORDER = "order.id";
  static final String NUMBER = "4711";
  static final String OUTCOME = "outcome";
  static final String ACCEPTED = "accepted";

  private Reported() {}

  /** As a block of ours does it. */
  static Supplier<Object> by(Telemetry telemetry, Supplier<Object> work) {
    BoundOperation bound = telemetry
        .operation(OperationSpec.builder(NAME, OperationKind.SERVER)
            .tags("region", "channel", "tier")
            .build())
        .bind("eu", "web", "gold");
    return () -> {
      try (Operation operation = bound.start(telemetry.current());
          Scope scope = operation.makeCurrent()) {
        operation.attribute(ORDER, NUMBER);
        Object answer = work.get();
        operation.outcome(ACCEPTED);
        return answer;
      }
    };
  }

  /** The same without a word to anybody. */
  static Supplier<Object> notAtAll(Supplier<Object> work) {
    return () -> {
      Object answer = work.get();
      return answer;
    };
  }

  /** Two readings of the clock, and one addition that threads do not wait for one another with. */
  static Supplier<Object> leastMeasured(Supplier<Object> work) {
    LongAdder total = new LongAdder();
    return () -> {
      long start = System.nanoTime();
      Object answer = work.get();
      total.add(System.nanoTime() - start);
      return answer;
    };
  }
}
