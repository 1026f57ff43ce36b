package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import dev.msk.core.Ticker;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.rabbitmq.Subscription.Arrival;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.PartitionId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a group: a consumer of each queue, of which the broker lets one at a time read.
 *
 * <p>Who comes first is given all queues. So every five seconds a member that reads more than its share gives one back, to the one that
 * has waited longest. It ends with the first failure of its connection or of one of its channels: what was not acknowledged comes again.
 */
final class RabbitMqReceiver implements EventReceiver, Subscription.Arrivals {

  private static final Logger log = LoggerFactory.getLogger(RabbitMqReceiver.class);
  private static final int MAX_POLLED = 1_000;
  private static final Duration SHARE_INTERVAL = Duration.ofSeconds(5);
  /** What cannot be mistaken for a part of an origin when that is text. */
  private static final Pattern MESSAGE_ID = Pattern.compile("[\\w.:-]{1,255}");

  private final Settings settings;
  private final Revocations revocations;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final IdentityHashMap<Delivery, Arrival> unacknowledged = new IdentityHashMap<>();
  private OpenConnection connection;
  /** Counts as a member, topic by topic. */
  private Channel membership;

  private long nextShare;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All below: guarded by the lock.
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private boolean woken;
  private boolean paused;
  private @Nullable RabbitMqException failure;

  /** What a receiver is of. */
  record Settings(
      RabbitMqConnector connector,
      RabbitMqTopology topology,
      String group,
      List<String> topics,
      int prefetch,
      Ticker ticker) {

    OpenConnection open() {
      return connector.open("msk " + group);
    }
  }

  private RabbitMqReceiver(Settings settings, Revocations revocations) {
    this.settings = settings;
    this.revocations = revocations;
    this.connection = settings.open();
    this.membership = connection.channel();
    this.nextShare = settings.ticker.nanoTime() + SHARE_INTERVAL.toNanos();
  }

  static RabbitMqReceiver open(Settings settings, Revocations revocations) {
    RabbitMqReceiver receiver = new RabbitMqReceiver(settings, revocations);
    receiver.subscribe();
    return receiver;
  }

  private void subscribe() {
    try {
      declare(settings, connection);
      for (String topic : settings.topics) {
        for (int partition = 0; partition < settings.topology.partitions(); partition++) {
          subscriptions.add(subscribe(new PartitionId(topic, partition)));
        }
        join(topic);
      }
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void join(String topic) {
    String queue = settings.topology.members(settings.group, topic);
    try {
      membership.basicConsume(queue, true, new DefaultConsumer(membership));
    } catch (IOException | RuntimeException e) {
      throw RabbitMqException.of("queue " + queue, e, "a queue that counts members");
    }
  }

  static void declare(Settings settings, OpenConnection connection) {
    for (String topic : settings.topics) {
      settings.topology.exchange(connection, topic);
      for (int partition = 0; partition < settings.topology.partitions(); partition++) {
        settings.topology.queue(connection, settings.group, topic, partition);
      }
      settings.topology.members(connection, settings.group, topic);
    }
  }

  private Subscription subscribe(PartitionId partition) {
    String queue =
        settings.topology.queue(settings.group, partition.topic(), partition.partition());
    return Subscription.open(connection, partition, queue, settings.prefetch, this);
  }

  @Override
  public List<Delivery> poll(Duration timeout) {
    renew();
    share();
    List<Delivery> deliveries = new ArrayList<>();
    for (Arrival arrival : await(timeout)) {
      Delivery delivery = delivery(arrival);
      unacknowledged.put(delivery, arrival);
      deliveries.add(delivery);
    }
    return deliveries;
  }

  private List<Arrival> await(Duration timeout) {
    lock.lock();
    try {
      long nanos = timeout.toNanos();
      while (failure == null && !woken && (paused || arrivals.isEmpty()) && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (failure != null) {
        throw failure.again();
      }
      List<Arrival> taken = new ArrayList<>();
      while (!woken && !paused && !arrivals.isEmpty() && taken.size() < MAX_POLLED) {
        taken.add(arrivals.removeFirst());
      }
      woken = false;
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RabbitMqException("group " + settings.group + ": interrupted while it waits", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void acknowledge(List<Delivery> deliveries) {
    Map<Subscription, Long> upTo = new HashMap<>();
    for (Delivery delivery : deliveries) {
      Arrival arrival = unacknowledged.remove(delivery);
      if (arrival != null) {
        upTo.merge(arrival.from(), arrival.tag(), Math::max);
      }
    }
    upTo.forEach((subscription, tag) -> {
      try {
        subscription.acknowledge(tag);
      } catch (IOException | RuntimeException e) {
        log.info(
            "Queue {}: not acknowledged up to {}, these messages will come again: {}",
            subscription.queue(),
            tag,
            RabbitMqException.said(e));
      }
    });
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

  /** Acknowledgements travel before the end. */
  @Override
  public void close() {
    connection.close();
  }

  @Override
  public void arrived(Arrival arrival) {
    lock.lock();
    try {
      arrivals.addLast(arrival);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void failed(RabbitMqException cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Another connection, when the TLS identity has changed. */
  private void renew() {
    if (!settings.connector.isStale(connection)) {
      return;
    }
    revocations.revoked(partitions(subscriptions));
    connection.close();
    unacknowledged.clear();
    forget(subscriptions);
    subscriptions.clear();
    connection = settings.open();
    membership = connection.channel();
    subscribe();
  }

  private void share() {
    if (settings.ticker.nanoTime() - nextShare < 0) {
      return;
    }
    nextShare = settings.ticker.nanoTime() + SHARE_INTERVAL.toNanos();
    for (String topic : settings.topics) {
      List<Subscription> active = subscriptions.stream()
          .filter(each -> each.isActive() && each.partition().topic().equals(topic))
          .toList();
      if (active.size() > 1 && active.size() > share(topic)) {
        giveBack(active.get(active.size() - 1));
      }
    }
  }

  /** All queues of the topic by all members, rounded up. */
  private int share(String topic) {
    String queue = settings.topology.members(settings.group, topic);
    try {
      int partitions = settings.topology.partitions();
      int members = (int) Math.max(1, membership.consumerCount(queue));
      return (partitions + members - 1) / members;
    } catch (IOException | RuntimeException e) {
      throw RabbitMqException.of("queue " + queue, e, "a queue that counts members");
    }
  }

  private void giveBack(Subscription subscription) {
    log.info("Queue {}: given to another member of the group", subscription.queue());
    revocations.revoked(partitions(List.of(subscription)));
    subscription.close();
    unacknowledged.values().removeIf(arrival -> arrival.from() == subscription);
    forget(List.of(subscription));
    subscriptions.set(subscriptions.indexOf(subscription), subscribe(subscription.partition()));
  }

  private void forget(Collection<Subscription> closed) {
    lock.lock();
    try {
      arrivals.removeIf(arrival -> closed.contains(arrival.from()));
    } finally {
      lock.unlock();
    }
  }

  private static Set<PartitionId> partitions(Collection<Subscription> subscriptions) {
    return subscriptions.stream().map(Subscription::partition).collect(Collectors.toSet());
  }

  private static Delivery delivery(Arrival arrival) {
    Delivery.Origin origin = origin(arrival);
    try {
      return new Delivery.Event(
          origin, RabbitMqBinaryFormat.read(arrival.properties(), arrival.body()));
    } catch (InvalidEventException e) {
      return new Delivery.Undecodable(
          origin, null, RabbitMqHeaderText.write(arrival.properties()), arrival.body(), e);
    }
  }

  private static Delivery.Origin origin(Arrival arrival) {
    PartitionId partition = arrival.from().partition();
    String id = arrival.properties().getMessageId();
    boolean named = id != null && MESSAGE_ID.matcher(id).matches();
    return new Delivery.Origin(
        partition.topic(),
        partition.partition(),
        named ? id : arrival.from().position(arrival.tag()));
  }

  /** Once more, as a message with the same headers and bytes. */
  static EventEnvelope decode(Delivery.Undecodable message) {
    AMQP.BasicProperties properties = RabbitMqHeaderText.read(message.headers());
    byte[] body = message.body();
    return RabbitMqBinaryFormat.read(properties, body == null ? new byte[0] : body);
  }
}
