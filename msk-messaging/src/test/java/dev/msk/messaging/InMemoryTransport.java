package dev.msk.messaging;

import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A broker with one partition a topic, for one member of a group at a time. Passes the transport's contract. Thread-safe. */
public final class InMemoryTransport implements EventTransport {

  private final Map<String, List<Delivery>> topics = new HashMap<>();
  private final Map<String, Integer> offsets = new HashMap<>();
  private volatile boolean paused;

  /** Whether the member that spoke last wants nothing to be given to it. */
  public boolean isPaused() {
    return paused;
  }

  /** The events of a topic in the order of their arrival. */
  public synchronized List<EventEnvelope> events(String topic) {
    return topics.getOrDefault(topic, List.of()).stream()
        .filter(Delivery.Event.class::isInstance)
        .map(delivery -> ((Delivery.Event) delivery).event())
        .toList();
  }

  /** Appends bytes that are no event. */
  public synchronized void append(String topic, byte[] garbage) {
    List<Delivery> log = topics.computeIfAbsent(topic, name -> new ArrayList<>());
    log.add(new Delivery.Undecodable(
        origin(topic, log.size()),
        null,
        Map.of(),
        garbage,
        new IllegalArgumentException("specversion: missing (expected: 1.0)")));
    notifyAll();
  }

  private synchronized void append(String topic, EventEnvelope event) {
    List<Delivery> log = topics.computeIfAbsent(topic, name -> new ArrayList<>());
    log.add(new Delivery.Event(origin(topic, log.size()), event));
    notifyAll();
  }

  private static Delivery.Origin origin(String topic, int offset) {
    return new Delivery.Origin(topic, 0, Integer.toString(offset));
  }

  @Override
  public EventSender openSender() {
    return new EventSender() {
      @Override
      public void send(String topic, EventEnvelope event, Completion completion) {
        append(topic, event);
        completion.done(null);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public EventReceiver openReceiver(
      String group, Collection<String> wanted, EventReceiver.Revocations revocations) {
    return new Receiver(group, List.copyOf(wanted));
  }

  @Override
  public EventEnvelope decode(Delivery.Undecodable message) {
    throw new InvalidEventException("specversion", null, "1.0");
  }

  private final class Receiver implements EventReceiver {
    private final String group;
    private final List<String> wanted;
    private final Map<String, Integer> next = new HashMap<>();
    private boolean woken;

    Receiver(String group, List<String> wanted) {
      this.group = group;
      this.wanted = wanted;
    }

    @Override
    public List<Delivery> poll(Duration timeout) {
      synchronized (InMemoryTransport.this) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
          List<Delivery> deliveries = woken || paused ? List.of() : take();
          long millis = (deadline - System.nanoTime()) / 1_000_000;
          if (woken || !deliveries.isEmpty() || millis <= 0) {
            woken = false;
            return deliveries;
          }
          try {
            InMemoryTransport.this.wait(millis);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
          }
        }
      }
    }

    private List<Delivery> take() {
      List<Delivery> deliveries = new ArrayList<>();
      for (String topic : wanted) {
        List<Delivery> log = topics.getOrDefault(topic, List.of());
        int from = next.getOrDefault(topic, offsets.getOrDefault(group + "/" + topic, 0));
        deliveries.addAll(log.subList(from, log.size()));
        next.put(topic, log.size());
      }
      return deliveries;
    }

    @Override
    public void acknowledge(List<Delivery> deliveries) {
      synchronized (InMemoryTransport.this) {
        for (Delivery delivery : deliveries) {
          Delivery.Origin origin = delivery.origin();
          offsets.merge(
              group + "/" + origin.topic(), Integer.parseInt(origin.position()) + 1, Math::max);
        }
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }

    @Override
    public void wakeup() {
      synchronized (InMemoryTransport.this) {
        woken = true;
        InMemoryTransport.this.notifyAll();
      }
    }

    @Override
    public void close() {}
  }
}
