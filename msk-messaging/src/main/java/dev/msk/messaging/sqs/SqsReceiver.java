package dev.msk.messaging.sqs;

import dev.msk.core.Scheduler;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a group, beside others that read the same queues. One request for messages is at SQS for each queue, for as long as
 * less than {@code prefetch} messages are held. Held are those that were received and not acknowledged: every third of the visibility timeout
 * SQS is told to hide them for another whole one.
 *
 * <p>If the process dies, what it held comes again when that time is over, and no later message of its groups before. It ends with the
 * first request for messages that fails.
 */
final class SqsReceiver implements EventReceiver {

  private static final Logger log = LoggerFactory.getLogger(SqsReceiver.class);
  private static final Duration RELEASE = Duration.ofSeconds(2);

  private final Settings settings;
  private final List<SqsSource> sources = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as all below. */
  private final Deque<Held> arrivals = new ArrayDeque<>();

  private final IdentityHashMap<Delivery, Held> given = new IdentityHashMap<>();
  private final Map<SqsSource, CompletableFuture<?>> requests = new HashMap<>();
  private boolean woken;
  private boolean paused;
  private boolean closed;
  private @Nullable QueueException failure;
  private Scheduler.@Nullable Task heartbeat;

  /** What a receiver is of. */
  record Settings(
      SqsQueues queues,
      String group,
      List<String> topics,
      Scheduler scheduler,
      Duration receiveWait,
      int prefetch) {}

  private record Held(SqsSource source, SqsArrival arrival) {}

  private SqsReceiver(Settings settings) {
    this.settings = settings;
    for (String topic : settings.topics) {
      sources.add(new SqsSource(
          settings.queues.client(),
          topic,
          settings.queues.url(settings.group, topic),
          settings.queues.fifo()));
    }
  }

  static SqsReceiver open(Settings settings) {
    SqsReceiver receiver = new SqsReceiver(settings);
    receiver.scheduleHeartbeat();
    return receiver;
  }

  @Override
  public List<Delivery> poll(Duration timeout) {
    sources.forEach(this::request);
    lock.lock();
    try {
      long nanos = timeout.toNanos();
      while (failure == null && !woken && (paused || arrivals.isEmpty()) && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (failure != null) {
        throw failure.again();
      }
      List<Delivery> deliveries = new ArrayList<>();
      while (!woken && !paused && !arrivals.isEmpty()) {
        Held next = arrivals.removeFirst();
        Delivery delivery = next.arrival.delivery();
        given.put(delivery, next);
        deliveries.add(delivery);
      }
      woken = false;
      return deliveries;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueueException("group " + settings.group + ": interrupted while it waits", e);
    } finally {
      lock.unlock();
    }
  }

  private void request(SqsSource source) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    lock.lock();
    try {
      boolean full = arrivals.size() + given.size() >= settings.prefetch;
      if (closed || paused || full || failure != null || requests.containsKey(source)) {
        return;
      }
      requests.put(source, answered);
    } finally {
      lock.unlock();
    }
    var unused = source
        .receive(settings.receiveWait, settings.queues.visibility())
        .whenComplete((messages, error) -> {
          received(source, messages, error);
          answered.complete(null);
        });
  }

  private void received(
      SqsSource source, @Nullable List<SqsArrival> messages, @Nullable Throwable error) {
    lock.lock();
    try {
      requests.remove(source);
      if (messages != null) {
        messages.forEach(arrival -> arrivals.addLast(new Held(source, arrival)));
      } else if (error != null) {
        failWith(QueueException.of("queue " + source.url(), error, "a queue that gives messages"));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    request(source);
  }

  private void failWith(QueueException cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  @Override
  public void acknowledge(List<Delivery> deliveries) {
    Map<SqsSource, List<SqsArrival>> done = new LinkedHashMap<>();
    lock.lock();
    try {
      for (Delivery delivery : deliveries) {
        Held held = given.remove(delivery);
        if (held != null) {
          done.computeIfAbsent(held.source, source -> new ArrayList<>()).add(held.arrival);
        }
      }
    } finally {
      lock.unlock();
    }
    done.forEach(SqsSource::delete);
  }

  @Override
  public void pause() {
    setPaused(true);
  }

  @Override
  public void resume() {
    setPaused(false);
  }

  private void setPaused(boolean value) {
    lock.lock();
    try {
      paused = value;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void wakeup() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void scheduleHeartbeat() {
    lock.lock();
    try {
      if (!closed) {
        Duration interval = settings.queues.visibility().dividedBy(3);
        heartbeat = settings.scheduler.schedule(interval, this::beat);
      }
    } catch (RejectedExecutionException e) {
      failWith(new QueueException(
          "scheduler: takes no tasks (expected: one that lives as long as its receivers)", e));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void beat() {
    held().forEach((source, arrivals) -> {
      var unused = source.hide(arrivals, settings.queues.visibility());
    });
    scheduleHeartbeat();
  }

  private Map<SqsSource, List<SqsArrival>> held() {
    Map<SqsSource, List<SqsArrival>> held = new LinkedHashMap<>();
    lock.lock();
    try {
      given.values().forEach(each -> add(held, each));
      arrivals.forEach(each -> add(held, each));
    } finally {
      lock.unlock();
    }
    return held;
  }

  private static void add(Map<SqsSource, List<SqsArrival>> held, Held each) {
    held.computeIfAbsent(each.source, source -> new ArrayList<>()).add(each.arrival);
  }

  /**
   * Waits for the requests that are at SQS, which would else take messages with them, and gives back what is held. What cannot be given back in
   * 2 s comes again when its time is over.
   */
  @Override
  public void close() {
    CompletableFuture<?>[] open;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (heartbeat != null) {
        heartbeat.cancel();
      }
      open = requests.values().toArray(CompletableFuture[]::new);
    } finally {
      lock.unlock();
    }
    await(CompletableFuture.allOf(open), settings.receiveWait.plus(RELEASE));
    List<CompletableFuture<Void>> released = new ArrayList<>();
    held().forEach((source, arrivals) -> released.add(source.hide(arrivals, Duration.ZERO)));
    await(CompletableFuture.allOf(released.toArray(CompletableFuture[]::new)), RELEASE);
  }

  private void await(CompletableFuture<Void> answers, Duration limit) {
    try {
      answers.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.info(
          "Group {}: messages of {} come again when their time is over: {}",
          settings.group,
          Collections.unmodifiableList(settings.topics),
          e.toString());
    }
  }
}
