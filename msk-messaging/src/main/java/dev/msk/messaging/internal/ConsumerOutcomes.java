package dev.msk.messaging.internal;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.Telemetry;

/** Counts what became of the messages of a consumer: {@code msk.consumer.messages}. Thread-safe. */
final class ConsumerOutcomes {

  private final BoundCounter processed;
  private final BoundCounter duplicates;
  private final BoundCounter parked;
  private final BoundCounter skipped;
  private final BoundCounter failed;
  private final BoundCounter replayed;

  ConsumerOutcomes(Telemetry telemetry, String consumer) {
    CounterSpec spec = CounterSpec.of(
        "msk.consumer.messages", "What became of messages", "{message}", "consumer", "disposition");
    this.processed = telemetry.counter(spec).bind(consumer, "processed");
    this.duplicates = telemetry.counter(spec).bind(consumer, "duplicate");
    this.parked = telemetry.counter(spec).bind(consumer, "parked");
    this.skipped = telemetry.counter(spec).bind(consumer, "skipped");
    this.failed = telemetry.counter(spec).bind(consumer, "failed");
    this.replayed = telemetry.counter(spec).bind(consumer, "replayed");
  }

  void processed(int messages) {
    add(processed, messages);
  }

  void duplicates(int messages) {
    add(duplicates, messages);
  }

  void parked(int messages) {
    add(parked, messages);
  }

  void skipped(int messages) {
    add(skipped, messages);
  }

  void failed(int messages) {
    add(failed, messages);
  }

  void replayed(int messages) {
    add(replayed, messages);
  }

  private static void add(BoundCounter counter, int messages) {
    if (messages > 0) {
      counter.add(messages);
    }
  }
}
