package dev.msk.messaging.sqs;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** The queue of a topic, as a receiver uses it: requests of ten messages each, which may fail one by one. Thread-safe. */
final class SqsSource {

  private static final Logger log = LoggerFactory.getLogger(SqsSource.class);
  private static final int MAX_ENTRIES = 10;

  private final SqsAsyncClient client;
  private final String topic;
  private final String url;
  private final boolean fifo;

  SqsSource(SqsAsyncClient client, String topic, String url, boolean fifo) {
    this.client = client;
    this.topic = topic;
    this.url = url;
    this.fifo = fifo;
  }

  String url() {
    return url;
  }

  CompletableFuture<List<SqsArrival>> receive(Duration wait, Duration visibility) {
    try {
      return client
          .receiveMessage(ReceiveMessageRequest.builder()
              .queueUrl(url)
              .maxNumberOfMessages(MAX_ENTRIES)
              .waitTimeSeconds((int) wait.toSeconds())
              .visibilityTimeout((int) visibility.toSeconds())
              .messageAttributeNames("All")
              .messageSystemAttributeNames(MessageSystemAttributeName.MESSAGE_GROUP_ID)
              .build())
          .thenApply(response -> response.messages().stream()
              .map(message -> new SqsArrival(topic, fifo, message))
              .toList());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Deletes messages and waits for the answers. Of a group one goes after the other, and none behind one that could not be deleted:
   * that one and those come again, in their order, when their time is over.
   */
  void delete(List<SqsArrival> done) {
    Map<String, Deque<SqsArrival>> groups = new LinkedHashMap<>();
    done.forEach(arrival ->
        groups.computeIfAbsent(arrival.group(), group -> new ArrayDeque<>()).addLast(arrival));
    while (!groups.isEmpty()) {
      List<SqsArrival> first = new ArrayList<>();
      groups.values().forEach(rest -> first.add(rest.removeFirst()));
      for (SqsArrival kept : deleteTogether(first)) {
        groups.remove(kept.group());
      }
      groups.values().removeIf(Deque::isEmpty);
    }
  }

  /** Those that could not be deleted. */
  private List<SqsArrival> deleteTogether(List<SqsArrival> arrivals) {
    List<List<SqsArrival>> batches = batches(arrivals);
    List<CompletableFuture<List<SqsArrival>>> answers = batches.stream()
        .map(batch -> deleteBatch(batch).exceptionally(error -> kept(batch, error)))
        .toList();
    List<SqsArrival> kept = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      try {
        kept.addAll(SqsQueues.answer("queue " + url, answers.get(i), "an answer"));
      } catch (QueueException e) {
        kept.addAll(kept(batches.get(i), e));
      }
    }
    return kept;
  }

  private List<SqsArrival> kept(List<SqsArrival> batch, Throwable error) {
    log.info(
        "Queue {}: {} messages not deleted, they will come again: {}",
        url,
        batch.size(),
        error.toString());
    return batch;
  }

  private CompletableFuture<List<SqsArrival>> deleteBatch(List<SqsArrival> batch) {
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
    for (SqsArrival arrival : batch) {
      entries.add(DeleteMessageBatchRequestEntry.builder()
          .id(Integer.toString(entries.size()))
          .receiptHandle(arrival.receiptHandle())
          .build());
    }
    try {
      return client
          .deleteMessageBatch(
              DeleteMessageBatchRequest.builder().queueUrl(url).entries(entries).build())
          .thenApply(response -> refused("deleted", batch, response.failed()));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Hides messages from other members for so long from now on, or, with zero, gives them back. Says in the log what that failed for. */
  CompletableFuture<Void> hide(List<SqsArrival> arrivals, Duration visibility) {
    return CompletableFuture.allOf(batches(arrivals).stream()
        .map(batch -> hideBatch(batch, visibility).exceptionally(error -> {
          log.info(
              "Queue {}: {} messages may come again early or late: {}",
              url,
              batch.size(),
              error.toString());
          return batch;
        }))
        .toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<List<SqsArrival>> hideBatch(
      List<SqsArrival> batch, Duration visibility) {
    List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
    for (SqsArrival arrival : batch) {
      entries.add(ChangeMessageVisibilityBatchRequestEntry.builder()
          .id(Integer.toString(entries.size()))
          .receiptHandle(arrival.receiptHandle())
          .visibilityTimeout((int) visibility.toSeconds())
          .build());
    }
    try {
      return client
          .changeMessageVisibilityBatch(ChangeMessageVisibilityBatchRequest.builder()
              .queueUrl(url)
              .entries(entries)
              .build())
          .thenApply(response -> refused("hidden", batch, response.failed()));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private List<SqsArrival> refused(
      String what, List<SqsArrival> batch, List<BatchResultErrorEntry> failed) {
    List<SqsArrival> refused = new ArrayList<>();
    for (BatchResultErrorEntry entry : failed) {
      SqsArrival arrival = batch.get(Integer.parseInt(entry.id()));
      log.info(
          "Queue {}: {} not {}, it will come again: {}, {}",
          url,
          arrival,
          what,
          entry.code(),
          entry.message());
      refused.add(arrival);
    }
    return refused;
  }

  private static List<List<SqsArrival>> batches(List<SqsArrival> arrivals) {
    List<List<SqsArrival>> batches = new ArrayList<>();
    for (int from = 0; from < arrivals.size(); from += MAX_ENTRIES) {
      batches.add(arrivals.subList(from, Math.min(arrivals.size(), from + MAX_ENTRIES)));
    }
    return batches;
  }
}
