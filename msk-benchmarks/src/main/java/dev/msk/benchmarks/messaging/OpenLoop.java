package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.PeerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Publishes at a rate that does not wait for anybody, and takes the time of each event until a consumer has it. */
final class OpenLoop {

  /** Behind the last event: whoever needs longer does not hold the rate, and has no latency but that of its queue. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final Topic topic;
  private final int rate;
  private final int perTransaction;
  private final int events;

  OpenLoop(Database database, Topic topic, int rate, int perTransaction, int seconds) {
    this.database = database;
    this.topic = topic;
    this.rate = rate;
    this.perTransaction = perTransaction;
    this.events = rate * seconds / perTransaction * perTransaction;
  }

  /** Opens a route. */
  interface Opening {
    Route open() throws Exception;
  }

  /** Milliseconds of each event, but for those of the first second. */
  double[] run(Opening opening) throws Exception {
    long[] committing = new long[events];
    try (Arrivals arrivals = new Arrivals(topic, events);
        Route route = opening.open();
        Connection tx = database.transaction()) {
      publish(route, tx, committing);
      long[] arrived = arrivals.await(PATIENCE);
      int first = Math.min(rate, events / 2);
      double[] millis = new double[events - first];
      for (int i = first; i < events; i++) {
        millis[i - first] = (arrived[i] - committing[i]) / 1e6;
      }
      return millis;
    } finally {
      topic.forget();
    }
  }

  /** The same, published by a peer in its process, by the clock that all processes of a machine share. */
  double[] run(PeerProcess peer, String url, Topic to) throws Exception {
    Path file = Files.createTempFile("bench", ".micros");
    peer.call("open", url, to.bootstrapServers(), Orders.TOPIC);
    try (Arrivals arrivals = new Arrivals(topic, events)) {
      // The difference of two clocks of this process: the peer writes wall-clock times down.
      Instant now = Instant.now();
      long offset = System.nanoTime() / 1_000 - micros(now);
      peer.call("publish", "" + events, "" + rate, "" + perTransaction, file.toString());
      long[] arrived = arrivals.await(PATIENCE);
      List<String> committing = Files.readAllLines(file);
      int first = Math.min(rate, events / 2);
      double[] millis = new double[events - first];
      for (int i = first; i < events; i++) {
        millis[i - first] = (arrived[i] / 1_000 - offset - Long.parseLong(committing.get(i))) / 1e3;
      }
      return millis;
    } finally {
      peer.call("stop");
      topic.forget();
      Files.delete(file);
    }
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private void publish(Route route, Connection tx, long[] committing) throws SQLException {
    Orders orders = new Orders(1_000);
    long start = System.nanoTime();
    for (int i = 0; i < events; i += perTransaction) {
      long due = start + i * 1_000_000_000L / rate;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      route.publish(tx, orders.next(perTransaction));
      long now = System.nanoTime();
      for (int j = i; j < i + perTransaction; j++) {
        committing[j] = now;
      }
      tx.commit();
      route.committed();
    }
  }

  /** A consumer that notes when each number came, first. */
  static final class Arrivals implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final long[] arrived;
    private final AtomicInteger missing;
    private final Thread thread = new Thread(this::consume, "arrivals");
    private volatile boolean closing;

    Arrivals(Topic topic, int events) {
      consumer = topic.consumer();
      arrived = new long[events];
      missing = new AtomicInteger(events);
      consumer.assign(topic.partitions());
      consumer.seekToEnd(topic.partitions());
      topic.partitions().forEach(consumer::position);
      thread.start();
    }

    /** By number, by {@link System#nanoTime}. */
    long[] await(Duration patience) throws InterruptedException {
      long deadline = System.nanoTime() + patience.toNanos();
      while (missing.get() > 0) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(missing + " of " + arrived.length
              + " events did not arrive within " + patience + " (expected: all)");
        }
        Thread.sleep(5);
      }
      return arrived;
    }

    private void consume() {
      while (!closing) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          long now = System.nanoTime();
          int number = Orders.number(record.value());
          if (arrived[number] == 0) {
            arrived[number] = now;
            missing.decrementAndGet();
          }
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      closing = true;
      thread.join();
      consumer.close();
    }
  }
}
