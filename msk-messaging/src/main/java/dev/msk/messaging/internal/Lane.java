package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.spi.Signal;
import dev.msk.messaging.FailurePolicy;
import dev.msk.messaging.spi.Delivery;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of a consumer that handles its share of the keys, in batches. When a batch fails, its messages are tried one by
 * one; a key whose message failed waits for the next attempt while the others go on.
 *
 * <p>{@link #add} and the methods to stop it may be called from any thread.
 */
final class Lane {

  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final Duration IDLE = Duration.ofMillis(500);

  private final ConsumerLoop.Settings settings;
  private final FailureRules rules;
  private final Effects effects;
  private final ConsumerOutcomes outcomes;
  private final @Nullable Replayer replayer;
  private final IntConsumer progressed;
  private final Ticker ticker;
  private final SplittableRandom random;
  private final Backoff database;
  private final Queue<Task> queue = new ConcurrentLinkedQueue<>();
  private final Queue<Task> released = new ArrayDeque<>();
  private final Map<String, WaitingKey> waiting = new LinkedHashMap<>();
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private volatile @Nullable Throwable death;

  /** A key whose first message failed; the others stand behind it. */
  private static final class WaitingKey {
    private final Deque<Task> tasks = new ArrayDeque<>();
    private final Backoff backoff;
    private int attempts;
    private long due;

    private WaitingKey(Backoff backoff) {
      this.backoff = backoff;
    }
  }

  Lane(
      ConsumerLoop.Settings settings,
      Effects effects,
      ConsumerOutcomes outcomes,
      @Nullable Replayer replayer,
      IntConsumer progressed,
      long seed) {
    this.settings = settings;
    this.rules = settings.rules();
    this.effects = effects;
    this.outcomes = outcomes;
    this.replayer = replayer;
    this.progressed = progressed;
    this.ticker = settings.ticker();
    this.random = new SplittableRandom(seed);
    this.database = backoff();
    this.thread = new StoppableThread(settings.threads());
  }

  void start() {
    thread.start(this::run);
  }

  void add(Task task) {
    queue.add(task);
  }

  void wake() {
    signal.raise();
  }

  /** Asks it to end after the batch under way. */
  void askToStop() {
    thread.askToStop(signal::raise);
  }

  /** Interrupts what has not ended in time. */
  void awaitEnd(Duration patience) throws InterruptedException {
    thread.awaitEnd(patience);
  }

  /** What nobody could handle and ended the thread; null while it runs. */
  @Nullable
  Throwable death() {
    return death;
  }

  private void run() {
    try {
      while (!thread.isStopping()) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      death = e;
      progressed.accept(0);
      throw e;
    }
  }

  private void turn() throws InterruptedException {
    boolean replayed = replayer != null && replayer.turn();
    List<Task> batch = take();
    if (batch.isEmpty()) {
      if (!replayed) {
        signal.await(untilDue());
      }
      return;
    }
    process(batch);
    progressed.accept(batch.size());
  }

  /** A message whose next attempt is due, alone; else others of keys that do not wait. */
  private List<Task> take() {
    for (WaitingKey key : List.copyOf(waiting.values())) {
      Task first = key.tasks.getFirst();
      if (key.due - ticker.nanoTime() <= 0) {
        if (first.begin()) {
          return List.of(first);
        }
        release(key);
      }
    }
    List<Task> batch = new ArrayList<>();
    while (batch.size() < settings.batchSize()) {
      Task task = released.isEmpty() ? queue.poll() : released.poll();
      if (task == null) {
        break;
      }
      WaitingKey key = waiting.get(task.key());
      if (key != null) {
        key.tasks.addLast(task);
      } else if (task.begin()) {
        batch.add(task);
      }
    }
    return batch;
  }

  /** What stands behind the first message goes on, before all that came later. */
  private void release(WaitingKey key) {
    Task first = key.tasks.removeFirst();
    waiting.remove(first.key());
    released.addAll(key.tasks);
  }

  private Duration untilDue() {
    long nanos = IDLE.toNanos();
    for (WaitingKey key : waiting.values()) {
      nanos = Math.min(nanos, Math.max(0, key.due - ticker.nanoTime()));
    }
    return Duration.ofNanos(nanos);
  }

  private void process(List<Task> batch) throws InterruptedException {
    Exception failure = attempt(batch);
    if (failure == null) {
      batch.forEach(this::done);
    } else if (batch.size() == 1) {
      failed(batch.get(0), failure);
    } else {
      for (Task task : batch) {
        oneOfBatch(task);
      }
    }
  }

  private void oneOfBatch(Task task) throws InterruptedException {
    WaitingKey key = waiting.get(task.key());
    if (key != null) {
      task.putBack();
      key.tasks.addLast(task);
      return;
    }
    Exception failure = attempt(List.of(task));
    if (failure == null) {
      done(task);
    } else {
      failed(task, failure);
    }
  }

  /** However long the database is away; null when it was committed. */
  private @Nullable Exception attempt(List<Task> batch) throws InterruptedException {
    while (true) {
      try {
        effects.commit(batch);
        database.reset();
        return null;
      } catch (Exception e) {
        rethrowInterrupt(e);
        if (!Failures.isPassing(e)) {
          return e;
        }
        waitForDatabase("tries " + batch.size() + " messages again", e);
      }
    }
  }

  private void failed(Task task, Exception failure) throws InterruptedException {
    WaitingKey key = waiting.computeIfAbsent(task.key(), name -> new WaitingKey(backoff()));
    if (key.tasks.peekFirst() != task) {
      key.tasks.addFirst(task);
    }
    key.attempts++;
    outcomes.failed(1);
    if (task.delivery() instanceof Delivery.Event event) {
      FailurePolicy policy = rules.policy(event.event().type());
      if (policy != FailurePolicy.BLOCK && rules.isHopeless(failure, key.attempts)) {
        giveUp(event, policy, failure, key.attempts);
        done(task);
        return;
      }
    }
    key.due = ticker.nanoTime() + key.backoff.next().toNanos();
    task.putBack();
    log.info(
        "Consumer {}: {} failed, attempt {}: {}",
        settings.consumer(),
        task.delivery().origin(),
        key.attempts,
        failure.toString());
  }

  private void giveUp(Delivery.Event event, FailurePolicy policy, Exception failure, int attempts)
      throws InterruptedException {
    while (true) {
      try {
        if (policy == FailurePolicy.SKIP) {
          effects.skip(event);
        } else {
          effects.park(event, failure, attempts, policy == FailurePolicy.PARK_KEY);
        }
        database.reset();
        log.warn(
            "Consumer {}: {} {} after {} attempts",
            settings.consumer(),
            policy == FailurePolicy.SKIP ? "skipped" : "parked",
            event.origin(),
            attempts,
            failure);
        return;
      } catch (RuntimeException e) {
        rethrowInterrupt(e);
        waitForDatabase("cannot put " + event.origin() + " aside", e);
      }
    }
  }

  private void done(Task task) {
    task.done();
    WaitingKey key = waiting.get(task.key());
    if (key != null && key.tasks.getFirst() == task) {
      release(key);
    }
  }

  private void waitForDatabase(String what, Exception e) throws InterruptedException {
    log.warn("Consumer {}: {}: {}", settings.consumer(), what, e.toString());
    long until = ticker.nanoTime() + database.next().toNanos();
    while (until - ticker.nanoTime() > 0) {
      if (thread.isStopping()) {
        throw new InterruptedException("asked to stop while the database is away");
      }
      signal.await(Duration.ofNanos(until - ticker.nanoTime()));
    }
  }

  private Backoff backoff() {
    return new Backoff(settings.firstBackoff(), settings.maxBackoff(), random);
  }

  private static void rethrowInterrupt(Exception e) throws InterruptedException {
    if (e instanceof InterruptedException interrupt) {
      throw interrupt;
    }
    if (Thread.currentThread().isInterrupted() && e instanceof DatabaseException) {
      InterruptedException interrupt =
          new InterruptedException("interrupted while the database worked");
      interrupt.addSuppressed(e);
      throw interrupt;
    }
  }
}
