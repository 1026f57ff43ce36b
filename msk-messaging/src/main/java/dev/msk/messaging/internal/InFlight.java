package dev.msk.messaging.internal;

import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.PartitionId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a consumer was given and has not acknowledged, partition by partition in the order of its arrival.
 * Confined to the thread that polls.
 */
final class InFlight {

  private final int maxMessages;
  private final long maxBytes;
  private final Map<PartitionId, Deque<Task>> tasks = new LinkedHashMap<>();
  private int messages;
  private long bytes;

  InFlight(int maxMessages, long maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  void add(Task task) {
    tasks
        .computeIfAbsent(task.delivery().origin().partitionId(), id -> new ArrayDeque<>())
        .addLast(task);
    messages++;
    bytes += task.bytes();
  }

  boolean isEmpty() {
    return messages == 0;
  }

  boolean isFull() {
    return messages >= maxMessages || bytes >= maxBytes;
  }

  Set<PartitionId> partitions() {
    return Set.copyOf(tasks.keySet());
  }

  /**
   * Drops what is under way of these partitions, newest first. Lanes go on meanwhile, oldest first: in the same order
   * one could overtake, pass over what is dropped already and begin what stands behind it.
   *
   * @return what was under way; of each key all that stands behind a dropped one is dropped too
   */
  List<Task> drop(Collection<PartitionId> partitions) {
    List<Task> found = new ArrayList<>();
    for (PartitionId partition : partitions) {
      Deque<Task> underWay = tasks.getOrDefault(partition, new ArrayDeque<>());
      underWay.descendingIterator().forEachRemaining(Task::drop);
      found.addAll(underWay);
    }
    return found;
  }

  /** Takes out, of each partition, all that is done up to the first message that is not. */
  List<Delivery> takeDone() {
    List<Delivery> done = new ArrayList<>();
    for (Deque<Task> partition : tasks.values()) {
      for (Task first = partition.peekFirst();
          first != null && first.isDone();
          first = partition.peekFirst()) {
        done.add(first.delivery());
        removeFirst(partition);
      }
    }
    return done;
  }

  void forget(Collection<PartitionId> partitions) {
    for (PartitionId partition : partitions) {
      Deque<Task> forgotten = tasks.remove(partition);
      while (forgotten != null && !forgotten.isEmpty()) {
        removeFirst(forgotten);
      }
    }
  }

  private void removeFirst(Deque<Task> partition) {
    messages--;
    bytes -= partition.removeFirst().bytes();
  }
}
