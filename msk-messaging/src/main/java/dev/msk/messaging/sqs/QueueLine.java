package dev.msk.messaging.sqs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * What waits to be sent to one queue.
 *
 * <p>SQS takes or refuses each message of a batch by itself, so of one message group only one message travels at a time: the next one waits
 * for the answer, and can never stand in the queue before one that was refused. Batches are as large as what waits allows: while others
 * are on their way only full ones set out. Guarded by the sender's lock.
 */
final class QueueLine {

  private static final int MAX_ENTRIES = 10;
  private static final int MAX_BATCHES = 8;

  private final String url;
  private final int maxBytes;
  private final Map<Object, Group> groups = new HashMap<>();
  /** Groups of which something waits and nothing travels. */
  private final Deque<Group> ready = new ArrayDeque<>();

  private int batches;

  /**
   * A message on its way to one queue.
   *
   * @param send what it is of
   * @param group messages of equal groups keep their order
   * @param entry without an id
   * @param size as SQS counts
   */
  record Outgoing(
      PendingSend send, Object group, SendMessageBatchRequestEntry.Builder entry, int size) {}

  private static final class Group {
    private final Deque<Outgoing> waiting = new ArrayDeque<>();
    private boolean travels;
  }

  QueueLine(String url, int maxBytes) {
    this.url = url;
    this.maxBytes = maxBytes;
  }

  String url() {
    return url;
  }

  void add(Outgoing message) {
    Group group = groups.computeIfAbsent(message.group(), key -> new Group());
    group.waiting.addLast(message);
    if (!group.travels && group.waiting.size() == 1) {
      ready.addLast(group);
    }
  }

  /** The next batch, empty while there is none to send. */
  List<Outgoing> depart() {
    List<Outgoing> batch = new ArrayList<>();
    boolean worthIt = batches == 0 || ready.size() >= MAX_ENTRIES;
    if (!worthIt || batches >= MAX_BATCHES) {
      return batch;
    }
    long bytes = 0;
    while (batch.size() < MAX_ENTRIES && !ready.isEmpty()) {
      Outgoing next = ready.getFirst().waiting.getFirst();
      bytes += next.size();
      if (bytes > maxBytes && !batch.isEmpty()) {
        break;
      }
      Group group = ready.removeFirst();
      group.travels = true;
      batch.add(group.waiting.removeFirst());
    }
    if (!batch.isEmpty()) {
      batches++;
    }
    return batch;
  }

  /** The batch was answered. */
  void arrived(List<Outgoing> batch) {
    batches--;
    for (Outgoing message : batch) {
      Group group = groups.get(message.group());
      if (group == null) {
        continue;
      }
      group.travels = false;
      if (group.waiting.isEmpty()) {
        groups.remove(message.group());
      } else {
        ready.addLast(group);
      }
    }
  }
}
