package dev.msk.messaging.sqs;

import dev.msk.messaging.spi.EventSender.Completion;

/** An event that is sent to the queues of all groups: done when the last queue has it. Guarded by the sender's lock. */
final class PendingSend {

  private final Completion completion;
  private int queues;

  PendingSend(Completion completion, int queues) {
    this.completion = completion;
    this.queues = queues;
  }

  Completion completion() {
    return completion;
  }

  /** Whether that was the last queue. */
  boolean arrived() {
    return --queues == 0;
  }
}
