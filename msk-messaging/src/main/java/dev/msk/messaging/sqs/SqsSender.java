package dev.msk.messaging.sqs;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.sqs.QueueLine.Outgoing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/**
 * Sends in batches, several on their way at once, and is of no more use after the first failure.
 *
 * <p>If the process dies while a batch is on its way, SQS may have some of its events; the next relay sends all of them again. A FIFO queue
 * drops those that it had got within five minutes, the inbox the others.
 */
final class SqsSender implements EventSender {

  private final Settings settings;
  private final Map<String, List<QueueLine>> lines = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  /** Guarded by the lock. */
  private final Set<PendingSend> underWay = new LinkedHashSet<>();

  private @Nullable QueueException failure;

  /**
   * What a sender is of.
   *
   * @param groups who gets the events of a topic
   */
  record Settings(
      SqsQueues queues,
      Function<String, ? extends @Nullable Collection<String>> groups,
      int maxInFlight,
      int maxBytes) {}

  SqsSender(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    List<QueueLine> targets;
    List<Outgoing> messages = new ArrayList<>();
    PendingSend send;
    try {
      targets = lines(topic);
      send = new PendingSend(completion, targets.size());
      for (QueueLine unused : targets) {
        messages.add(message(send, event));
      }
      enter(send);
    } catch (RuntimeException e) {
      fail(
          e instanceof QueueException ours
              ? ours
              : new QueueException("event " + event.id() + ": " + e.getMessage(), e));
      completion.done(e);
      return;
    }
    for (int i = 0; i < targets.size(); i++) {
      add(targets.get(i), messages.get(i));
    }
    targets.forEach(this::pump);
  }

  private List<QueueLine> lines(String topic) {
    List<QueueLine> known = lines.get(topic);
    if (known != null) {
      return known;
    }
    Collection<String> groups = settings.groups.apply(topic);
    if (groups == null || groups.isEmpty()) {
      throw new QueueException(
          "topic " + topic
              + ": no groups (expected: at least one by groups(...), since SQS keeps nothing for groups that nobody names)");
    }
    List<QueueLine> found = new ArrayList<>();
    for (String group : new LinkedHashSet<>(groups)) {
      found.add(new QueueLine(settings.queues.url(group, topic), settings.maxBytes));
    }
    lines.put(topic, found);
    return found;
  }

  private Outgoing message(PendingSend send, EventEnvelope event) {
    SendMessageBatchRequestEntry.Builder entry = SqsMessages.write(event);
    SendMessageBatchRequestEntry whole = entry.build();
    int size = SqsMessages.size(whole.messageBody(), whole.messageAttributes());
    if (size > settings.maxBytes) {
      throw new QueueException(
          "event " + event.id() + " of " + event.source() + ": " + size + " bytes (expected: "
              + settings.maxBytes + " at most; ClaimCheck keeps data elsewhere)");
    }
    if (!settings.queues.fifo()) {
      return new Outgoing(send, new Object(), entry, size);
    }
    String group = SqsMessages.group(event.orderingKey());
    entry.messageGroupId(group).messageDeduplicationId(SqsMessages.deduplication(event));
    return new Outgoing(send, group, entry, size);
  }

  /** Waits while too much is under way, which ends with the client's own timeouts at the latest. */
  private void enter(PendingSend send) {
    lock.lock();
    try {
      while (failure == null && underWay.size() >= settings.maxInFlight) {
        room.await();
      }
      if (failure != null) {
        throw failure.again();
      }
      underWay.add(send);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueueException("sender: interrupted while it waits for room", e);
    } finally {
      lock.unlock();
    }
  }

  private void add(QueueLine line, Outgoing message) {
    lock.lock();
    try {
      line.add(message);
    } finally {
      lock.unlock();
    }
  }

  private void pump(QueueLine line) {
    for (List<Outgoing> batch = depart(line); !batch.isEmpty(); batch = depart(line)) {
      List<Outgoing> sent = batch;
      var unused = sendBatch(line, batch)
          .whenComplete((response, error) -> answered(line, sent, response, error));
    }
  }

  private List<Outgoing> depart(QueueLine line) {
    lock.lock();
    try {
      return failure == null ? line.depart() : List.of();
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<SendMessageBatchResponse> sendBatch(
      QueueLine line, List<Outgoing> batch) {
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Outgoing message : batch) {
      entries.add(message.entry().id(Integer.toString(entries.size())).build());
    }
    try {
      return settings
          .queues
          .client()
          .sendMessageBatch(SendMessageBatchRequest.builder()
              .queueUrl(line.url())
              .entries(entries)
              .build());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answered(
      QueueLine line,
      List<Outgoing> batch,
      @Nullable SendMessageBatchResponse response,
      @Nullable Throwable error) {
    if (response == null) {
      fail(QueueException.of(
          "queue " + line.url(),
          error == null ? new IllegalStateException("no answer") : error,
          "a queue that takes events"));
      return;
    }
    Set<String> refused = new HashSet<>();
    response.failed().forEach(entry -> refused.add(entry.id()));
    complete(line, batch, refused);
    if (refused.isEmpty()) {
      pump(line);
    } else {
      fail(refusal(line, response.failed().get(0)));
    }
  }

  private static QueueException refusal(QueueLine line, BatchResultErrorEntry entry) {
    return new QueueException("queue " + line.url() + ": " + entry.code() + ", " + entry.message()
        + " (expected: each event of the batch to be taken)");
  }

  /** Those that the queue has got; the others of the batch fail with all that is under way. */
  private void complete(QueueLine line, List<Outgoing> batch, Set<String> refused) {
    List<PendingSend> done = new ArrayList<>();
    lock.lock();
    try {
      line.arrived(batch);
      for (int i = 0; i < batch.size(); i++) {
        PendingSend send = batch.get(i).send();
        if (!refused.contains(Integer.toString(i)) && send.arrived() && underWay.remove(send)) {
          done.add(send);
        }
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
    done.forEach(send -> send.completion().done(null));
  }

  private void fail(QueueException cause) {
    List<PendingSend> failed;
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      failed = List.copyOf(underWay);
      underWay.clear();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    failed.forEach(send -> send.completion().done(cause));
  }

  @Override
  public void close() {
    fail(new QueueException("sender: closed before SQS answered"));
  }
}
