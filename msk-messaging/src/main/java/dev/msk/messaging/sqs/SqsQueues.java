package dev.msk.messaging.sqs;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BinaryOperator;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.CreateQueueRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A queue for each group and topic, and beside it one for what was received too often.
 *
 * @param names the name of a queue, by group and topic, without {@code .fifo}
 * @param declares whether what is missing is made; else it is only looked for
 */
record SqsQueues(
    SqsAsyncClient client,
    boolean fifo,
    BinaryOperator<String> names,
    boolean declares,
    Duration visibility,
    Duration retention,
    int maxReceives) {

  private static final String DEAD = "-dead";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
  private static final int MAX_NAME = 80;

  String name(String group, String topic) {
    String name = names.apply(group, topic);
    String suffix = fifo ? ".fifo" : "";
    if (!NAME.matcher(name).matches()
        || name.length() + DEAD.length() + suffix.length() > MAX_NAME) {
      throw new IllegalArgumentException("queue: " + name + " (expected: letters, digits, - and _, "
          + (MAX_NAME - DEAD.length() - suffix.length())
          + " at most, of the group and the topic or by queueNames)");
    }
    return name + suffix;
  }

  /** The queue's address. Makes the queue if it is missing; a crash in between leaves a queue of dead letters that the next call finds. */
  String url(String group, String topic) {
    String name = name(group, topic);
    if (!declares) {
      return answer(
              "queue " + name,
              client.getQueueUrl(GetQueueUrlRequest.builder().queueName(name).build()),
              "a queue, as nothing is declared here")
          .queueUrl();
    }
    Map<QueueAttributeName, String> attributes = attributes();
    attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, Long.toString(visibility.toSeconds()));
    attributes.put(
        QueueAttributeName.REDRIVE_POLICY,
        "{\"deadLetterTargetArn\":\"" + arnOfDead(name) + "\",\"maxReceiveCount\":\"" + maxReceives
            + "\"}");
    return create(name, attributes);
  }

  private String arnOfDead(String name) {
    String dead = dead(name);
    String url = create(dead, attributes());
    String arn = answer(
            "queue " + dead,
            client.getQueueAttributes(GetQueueAttributesRequest.builder()
                .queueUrl(url)
                .attributeNames(QueueAttributeName.QUEUE_ARN)
                .build()),
            "its ARN")
        .attributes()
        .get(QueueAttributeName.QUEUE_ARN);
    return requireNonNull(arn, "QueueArn");
  }

  private String dead(String name) {
    return fifo
        ? name.substring(0, name.length() - ".fifo".length()) + DEAD + ".fifo"
        : name + DEAD;
  }

  private Map<QueueAttributeName, String> attributes() {
    Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
    if (fifo) {
      attributes.put(QueueAttributeName.FIFO_QUEUE, "true");
    }
    attributes.put(
        QueueAttributeName.MESSAGE_RETENTION_PERIOD, Long.toString(retention.toSeconds()));
    return attributes;
  }

  private String create(String name, Map<QueueAttributeName, String> attributes) {
    return answer(
            "queue " + name,
            client.createQueue(CreateQueueRequest.builder()
                .queueName(name)
                .attributes(attributes)
                .build()),
            "a queue with " + attributes + "; what exists otherwise is taken by existingQueues()")
        .queueUrl();
  }

  /** Waits for an answer, as long as the client itself does. */
  static <T> T answer(String what, CompletableFuture<T> pending, String expected) {
    try {
      return pending.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueueException(what + ": interrupted while it waits for SQS", e);
    } catch (ExecutionException e) {
      throw QueueException.of(what, e, expected);
    }
  }
}
