package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownSignalException;
import dev.msk.core.Ticker;
import dev.msk.messaging.spi.EventSender.Completion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection that publishes, up to its first failure: then all that is under way has failed, and nothing more is taken. The broker
 * confirms in any order; what was confirmed is told at once, and a failure is told of all that was not.
 *
 * <p>The first message travels alone. A broker with an alarm takes a connection, and stops to read it after the first message;
 * what was written behind it stays in between and is published when the alarm has gone, and so would be a whole window of
 * repetitions for each attempt in an outage.
 *
 * <p>A thread of its own looks for what was not confirmed in time, and closes the socket under a write that hangs. {@link #publish} and
 * {@link #close()} are confined to one thread.
 */
final class ConfirmedChannel {

  private final OpenConnection connection;
  private final Channel channel;
  private final Limits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition watching = lock.newCondition();
  // All below: guarded by the lock.
  private final NavigableMap<Long, Sent> inFlight = new TreeMap<>();
  private boolean begun;
  private @Nullable String blocked;
  private @Nullable Exception failure;

  /**
   * What bounds it.
   *
   * @param maxInFlight messages that are not confirmed
   * @param blockTimeout how long a message waits for room
   * @param confirmTimeout how long a message may be unconfirmed
   */
  record Limits(
      int maxInFlight,
      Duration blockTimeout,
      Duration confirmTimeout,
      Ticker ticker,
      ThreadFactory threads) {}

  private record Sent(Completion completion, long since) {}

  private ConfirmedChannel(OpenConnection connection, Channel channel, Limits limits) {
    this.connection = connection;
    this.channel = channel;
    this.limits = limits;
  }

  static ConfirmedChannel open(OpenConnection connection, Limits limits) {
    try {
      Channel channel = connection.channel();
      ConfirmedChannel confirmed = new ConfirmedChannel(connection, channel, limits);
      channel.confirmSelect();
      channel.addConfirmListener(confirmed.new Confirms());
      channel.addReturnListener(confirmed::returned);
      channel.addShutdownListener(confirmed::shutDown);
      connection.connection().addBlockedListener(confirmed::blocked, confirmed::unblocked);
      limits.threads.newThread(confirmed::watch).start();
      return confirmed;
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw RabbitMqException.of("channel", e, "one that confirms");
    }
  }

  OpenConnection connection() {
    return connection;
  }

  /** Publishes; the completion hears the end of it, or of what went wrong before. */
  void publish(
      String exchange, String key, RabbitMqBinaryFormat.Message message, Completion completion) {
    Exception refused = register(completion);
    if (refused != null) {
      fail(refused);
      completion.done(refused);
      return;
    }
    try {
      channel.basicPublish(exchange, key, true, message.properties(), message.body());
    } catch (IOException | RuntimeException e) {
      fail(RabbitMqException.of("exchange " + exchange, e, "a connection that takes messages"));
    }
  }

  /** Fails what is under way. */
  void close() {
    boolean silent;
    lock.lock();
    try {
      silent = blocked != null;
    } finally {
      lock.unlock();
    }
    fail(new RabbitMqException("closed before the broker confirmed (expected: nobody needs it)"));
    if (silent) {
      connection.cut();
    }
    connection.close();
  }

  /** Waits until nothing is under way, as long as a message waits for room. */
  boolean awaitDrained() {
    lock.lock();
    try {
      return awaitAtMost(0) == null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Why there is no room; null when the message is registered as the next one. */
  private @Nullable Exception register(Completion completion) {
    lock.lock();
    try {
      Exception refused = awaitAtMost(begun ? limits.maxInFlight - 1 : 0);
      if (refused == null) {
        inFlight.put(channel.getNextPublishSeqNo(), new Sent(completion, limits.ticker.nanoTime()));
      }
      return refused;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Exception awaitAtMost(int messages) throws InterruptedException {
    long nanos = limits.blockTimeout.toNanos();
    while (failure == null && (inFlight.size() > messages || blocked != null)) {
      if (nanos <= 0) {
        return new RabbitMqException(
            unconfirmed() + " (expected: room within " + limits.blockTimeout + ")");
      }
      nanos = room.awaitNanos(nanos);
    }
    return failure;
  }

  private String unconfirmed() {
    return inFlight.size() + " messages unconfirmed"
        + (blocked == null ? "" : ", the broker blocks who publishes: " + blocked);
  }

  private void confirmed(long number, boolean multiple) {
    List<Sent> confirmed = new ArrayList<>();
    lock.lock();
    try {
      begun = true;
      if (multiple) {
        NavigableMap<Long, Sent> upTo = inFlight.headMap(number, true);
        confirmed.addAll(upTo.values());
        upTo.clear();
      } else {
        Sent sent = inFlight.remove(number);
        if (sent != null) {
          confirmed.add(sent);
        }
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
    confirmed.forEach(sent -> sent.completion.done(null));
  }

  /** The broker says so before it confirms the message, which it does all the same; so it is still under way, and fails. */
  private void returned(Return message) {
    fail(
        new RabbitMqException(
            "exchange " + message.getExchange() + ": " + message.getReplyText()
                + " for routing key " + message.getRoutingKey()
                + " (expected: a queue of a group, with as many partitions; declare(group, topics) makes them)"));
  }

  private void shutDown(ShutdownSignalException cause) {
    fail(new RabbitMqException(
        "channel closed: " + RabbitMqException.said(cause) + " (expected: one that stays open)",
        cause));
  }

  private void blocked(String reason) {
    lock.lock();
    try {
      blocked = reason;
    } finally {
      lock.unlock();
    }
  }

  private void unblocked() {
    lock.lock();
    try {
      blocked = null;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Tells of the first failure only: after it nothing is under way. */
  private void fail(Exception cause) {
    Collection<Sent> failed;
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      failed = List.copyOf(inFlight.values());
      inFlight.clear();
      room.signalAll();
      watching.signalAll();
    } finally {
      lock.unlock();
    }
    failed.forEach(sent -> sent.completion.done(cause));
  }

  private void watch() {
    Exception late = awaitLate();
    if (late != null) {
      fail(late);
      connection.cut();
    }
  }

  /** What was not confirmed in time; null when it has failed otherwise. */
  private @Nullable Exception awaitLate() {
    lock.lock();
    try {
      while (failure == null) {
        long left = limits.confirmTimeout.toNanos();
        if (!inFlight.isEmpty()) {
          left -= limits.ticker.nanoTime() - inFlight.firstEntry().getValue().since;
        }
        if (left <= 0) {
          return new RabbitMqException(
              unconfirmed() + " (expected: within " + limits.confirmTimeout + ")");
        }
        var unused = watching.awaitNanos(left);
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    } finally {
      lock.unlock();
    }
  }

  private final class Confirms implements ConfirmListener {
    @Override
    public void handleAck(long number, boolean multiple) {
      confirmed(number, multiple);
    }

    @Override
    public void handleNack(long number, boolean multiple) {
      fail(new RabbitMqException("message " + number
          + ": refused (expected: a queue with room, and a majority of its members)"));
    }
  }
}
