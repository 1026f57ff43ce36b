package dev.msk.messaging.sqs;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * Amazon SQS, CloudEvents in structured mode: the event as JSON is the body.
 *
 * <p>A group has a queue for each topic, {@code group-topic}, and an event is sent to the queues of all groups that {@link Builder#groups} names for
 * its topic. {@link #declare}, the first receiver of a group and the sender make queues that are missing.
 *
 * <p><b>Order.</b> A FIFO queue keeps the order of each key, which is its message group. <b>A standard queue keeps no order at all</b>, and says so by
 * {@link #keepsKeyOrder()}.
 *
 * <p><b>Sending</b>: in batches of ten and 1 MiB, up to 1,000 events under way; when an event is refused, or a request fails after the client's own
 * retries, so does all that is under way. A FIFO queue drops what it gets twice within five minutes; that does not replace the inbox, which
 * remembers for days. <b>Receiving</b>: members compete for a queue's messages, of which each is hidden from the others for 60 s, and again before that has
 * passed, until it is acknowledged, which deletes it. What is not acknowledged comes again. Partitions are numbers that this side gives by
 * the message group: none is ever taken away from a member.
 *
 * <p>Credentials, region and endpoint are those of the client, which stays the caller's to close, as does the scheduler; both outlive what is opened here.
 * Thread-safe; what it opens is confined to one thread each.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html">FIFO queue
 *     delivery logic</a>
 */
public final class SqsTransport implements EventTransport {

  private final SqsQueues queues;
  private final SqsSender.Settings sending;
  private final Scheduler scheduler;
  private final Duration receiveWait;
  private final int prefetch;

  private SqsTransport(Builder builder, SqsQueues queues) {
    this.queues = queues;
    this.sending =
        new SqsSender.Settings(queues, builder.groups, builder.maxInFlight, builder.maxBatchBytes);
    this.scheduler = builder.scheduler;
    this.receiveWait = builder.receiveWait;
    this.prefetch = builder.prefetch;
  }

  /**
   * A builder with the defaults, for FIFO queues: the order of each key is kept.
   *
   * @param client of the caller, for all requests
   * @param scheduler runs short tasks, by which messages stay hidden while they are handled
   * @return to change them
   * @throws dev.msk.core.MissingDependencyException when Amazon's client is not there
   */
  public static Builder fifo(SqsAsyncClient client, Scheduler scheduler) {
    return builder(client, scheduler, true);
  }

  /**
   * A builder with the defaults, for standard queues: no order is kept.
   *
   * @param client of the caller, for all requests
   * @param scheduler runs short tasks, by which messages stay hidden while they are handled
   * @return to change them
   * @throws dev.msk.core.MissingDependencyException when Amazon's client is not there
   */
  public static Builder standard(SqsAsyncClient client, Scheduler scheduler) {
    return builder(client, scheduler, false);
  }

  private static Builder builder(SqsAsyncClient client, Scheduler scheduler, boolean fifo) {
    OptionalDependency.of(
            SqsTransport.class, "sqs", "software.amazon.awssdk.services.sqs.SqsAsyncClient")
        .require("SQS transport");
    return new Builder(client, scheduler, fifo);
  }

  /**
   * Makes the queues of a group, so that it gets what is sent from now on, though none of its members has run yet; or, with {@link
   * Builder#existingQueues()}, looks whether they are there. Idempotent; a crash in between leaves queues that the next call finds.
   *
   * @param group members of one group share the events, each group gets all of them
   * @param topics what it will read, not empty
   * @throws RuntimeException when SQS cannot be reached, or a queue of that name is there and otherwise; the message names it
   */
  public void declare(String group, Collection<String> topics) {
    requireTopics(group, topics);
    topics.forEach(topic -> queues.url(group, topic));
  }

  @Override
  public String system() {
    return "aws_sqs";
  }

  @Override
  public boolean keepsKeyOrder() {
    return queues.fifo();
  }

  @Override
  public EventSender openSender() {
    return new SqsSender(sending);
  }

  @Override
  public EventReceiver openReceiver(
      String group, Collection<String> topics, EventReceiver.Revocations revocations) {
    requireNonNull(revocations, "revocations");
    requireTopics(group, topics);
    return SqsReceiver.open(new SqsReceiver.Settings(
        queues, group, List.copyOf(topics), scheduler, receiveWait, prefetch));
  }

  @Override
  public EventEnvelope decode(Delivery.Undecodable message) {
    return SqsMessages.read(message.headers(), message.body());
  }

  private void requireTopics(String group, Collection<String> topics) {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("topics: [] (expected: at least one)");
    }
    topics.forEach(topic -> queues.name(group, topic));
  }

  /** Settings. Confined to one thread. */
  public static final class Builder {

    private static final int LIMIT = 1024 * 1024;
    private static final int MAX_PREFETCH = 10_000;
    private static final int MAX_RECEIVES = 1_000;
    private static final Duration MAX_VISIBILITY = Duration.ofHours(12);
    private static final Duration MAX_RETENTION = Duration.ofDays(14);
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    private final SqsAsyncClient client;
    private final Scheduler scheduler;
    private final boolean fifo;
    private Function<String, ? extends @Nullable Collection<String>> groups = topic -> List.of();
    private BinaryOperator<String> queueNames = (group, topic) -> group + "-" + topic;
    private boolean declares = true;
    private Duration visibilityTimeout = Duration.ofSeconds(60);
    private Duration retention = MAX_RETENTION;
    private int maxReceives = MAX_RECEIVES;
    private Duration receiveWait = Duration.ofSeconds(2);
    private int prefetch = 200;
    private int maxInFlight = 1_000;
    private int maxBatchBytes = LIMIT;

    private Builder(SqsAsyncClient client, Scheduler scheduler, boolean fifo) {
      this.client = requireNonNull(client, "client");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.fifo = fifo;
    }

    /**
     * Says who gets the events of a topic: each group named here has a queue of its own. Who sends has to know, since SQS keeps nothing for
     * others; a topic without groups has its sends fail, so that its events wait in the outbox.
     *
     * @param ofTopic the groups of a topic, for instance a map's {@code get}; asked once for each sender and topic
     * @return this
     */
    public Builder groups(Function<String, ? extends @Nullable Collection<String>> ofTopic) {
      this.groups = requireNonNull(ofTopic, "ofTopic");
      return this;
    }

    /**
     * Names queues otherwise than {@code group-topic}. The same for all who send and receive; never the same name for two groups, which would
     * take events from one another.
     *
     * @param ofGroupAndTopic a name without {@code .fifo}, of up to 70 letters, digits, hyphens and underscores; of a standard queue up to 75
     * @return this
     */
    public Builder queueNames(BinaryOperator<String> ofGroupAndTopic) {
      this.queueNames = requireNonNull(ofGroupAndTopic, "ofGroupAndTopic");
      return this;
    }

    /**
     * Makes no queues, for users without the permission: they have to be there, and are looked for.
     *
     * @return this
     */
    public Builder existingQueues() {
      this.declares = false;
      return this;
    }

    /**
     * How long a message is hidden from other members before that is said again: after a crash, its group waits for so long.
     *
     * @param timeout whole seconds from 3 s to 12 h, default 60 s
     * @return this
     */
    public Builder visibilityTimeout(Duration timeout) {
      this.visibilityTimeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * How long SQS keeps a message of the queues that are made here. After that it is lost, whoever has not read it.
     *
     * @param time 60 s to 14 days, default 14 days, the most that SQS offers
     * @return this
     */
    public Builder retention(Duration time) {
      this.retention = requireNonNull(time, "time");
      return this;
    }

    /**
     * How often a message is given out before SQS puts it into the queue {@code …-dead} of the queues that are made here. A restart counts, and a
     * handler's failure does not: that is a dead letter in the database. Later messages of its group go on without it.
     *
     * @param times 1 to 1,000, default 1,000, the most that SQS offers
     * @return this
     */
    public Builder maxReceives(int times) {
      this.maxReceives = times;
      return this;
    }

    /**
     * How long a request waits at SQS for messages, and closing a receiver for that request. Each costs what a request costs.
     *
     * @param time whole seconds from 1 s to 20 s, default 2 s
     * @return this
     */
    public Builder receiveWait(Duration time) {
      this.receiveWait = requireNonNull(time, "time");
      return this;
    }

    /**
     * How many messages a member holds that it has not acknowledged, before it asks for more; one answer may exceed it. Others cannot have those, nor
     * later messages of their groups.
     *
     * @param messages default 200
     * @return this
     */
    public Builder prefetch(int messages) {
      this.prefetch = messages;
      return this;
    }

    /**
     * How many events of a sender may be under way.
     *
     * @param events default 1,000
     * @return this
     */
    public Builder maxInFlight(int events) {
      this.maxInFlight = events;
      return this;
    }

    /**
     * Bounds a batch, and so an event. For what speaks SQS with the 256 KiB of old, or queues that are set to less.
     *
     * @param bytes body and attributes, 1 KiB to 1 MiB, default 1 MiB, which is SQS's limit
     * @return this
     */
    public Builder maxBatchBytes(int bytes) {
      this.maxBatchBytes = bytes;
      return this;
    }

    /**
     * Makes the transport.
     *
     * @return a transport; speaks with SQS when a sender sends or a receiver is opened
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public SqsTransport build() {
      new Faults()
          .check(
              isWhole(visibilityTimeout, Duration.ofSeconds(3), MAX_VISIBILITY),
              "visibilityTimeout",
              visibilityTimeout,
              "whole seconds, PT3S to PT12H")
          .check(
              isWhole(retention, Duration.ofSeconds(60), MAX_RETENTION),
              "retention",
              retention,
              "whole seconds, PT1M to PT336H")
          .check(
              maxReceives >= 1 && maxReceives <= MAX_RECEIVES,
              "maxReceives",
              maxReceives,
              "1 to " + MAX_RECEIVES)
          .check(
              isWhole(receiveWait, Duration.ofSeconds(1), MAX_WAIT),
              "receiveWait",
              receiveWait,
              "whole seconds, PT1S to PT20S")
          .check(
              prefetch >= 1 && prefetch <= MAX_PREFETCH,
              "prefetch",
              prefetch,
              "1 to " + MAX_PREFETCH)
          .check(maxInFlight >= 1, "maxInFlight", maxInFlight, ">= 1")
          .check(
              maxBatchBytes >= 1024 && maxBatchBytes <= LIMIT,
              "maxBatchBytes",
              maxBatchBytes,
              "1024 to " + LIMIT)
          .report();
      SqsQueues queues = new SqsQueues(
          client, fifo, queueNames, declares, visibilityTimeout, retention, maxReceives);
      return new SqsTransport(this, queues);
    }

    private static boolean isWhole(Duration value, Duration min, Duration max) {
      return value.equals(Duration.ofSeconds(value.toSeconds()))
          && value.compareTo(min) >= 0
          && value.compareTo(max) <= 0;
    }
  }
}
