package dev.msk.core.resilience;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** A server with so many workers and a queue before them, in manual time: what is asked of it comes late, but it does come. */
final class QueueingServer {

  private final ManualTime time;
  private final int workers;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private Duration serviceTime;
  private int busy;

  QueueingServer(ManualTime time, int workers, Duration serviceTime) {
    this.time = time;
    this.workers = workers;
    this.serviceTime = serviceTime;
  }

  void serviceTime(Duration value) {
    this.serviceTime = value;
  }

  void serve(Runnable answered) {
    if (busy == workers) {
      queue.addLast(answered);
    } else {
      busy++;
      begin(answered);
    }
  }

  private void begin(Runnable answered) {
    time.schedule(serviceTime, () -> {
      answered.run();
      Runnable next = queue.pollFirst();
      if (next == null) {
        busy--;
      } else {
        begin(next);
      }
    });
  }
}
