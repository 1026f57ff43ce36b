package dev.msk.discovery.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest snapshot of a service, and those who want the next. Thread-safe, for one writer at a time. */
public final class SnapshotFeed {

  private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current;

  /**
   * Begins with a snapshot.
   *
   * @param first what is known at first
   */
  public SnapshotFeed(Snapshot first) {
    this.current = first;
  }

  /**
   * What is known.
   *
   * @return the latest snapshot
   */
  public Snapshot current() {
    return current;
  }

  /**
   * Replaces it. Listeners learn it by {@link #wakeListeners}, which is for the writer to call without a lock.
   *
   * @param next with a higher version if anything but its age changed
   */
  public void set(Snapshot next) {
    current = next;
  }

  /** Gives the latest snapshot to each listener that has not seen its version. */
  public void wakeListeners() {
    for (Listener listener : listeners) {
      listener.wake();
    }
  }

  /**
   * Adds a listener and gives it the present snapshot.
   *
   * @param consumer is called by one thread at a time
   * @return closing it takes the listener out
   */
  public Subscription watch(Consumer<Snapshot> consumer) {
    Listener listener = new Listener(requireNonNull(consumer, "listener"));
    listeners.add(listener);
    listener.wake();
    return listener;
  }

  /** Gives the newest snapshot to a consumer, in one thread at a time, without holding a lock. */
  private final class Listener implements Subscription {

    private final Consumer<Snapshot> consumer;
    private final AtomicInteger wakes = new AtomicInteger();
    private long seen = -1;
    private volatile boolean closed;

    Listener(Consumer<Snapshot> consumer) {
      this.consumer = consumer;
    }

    void wake() {
      if (wakes.getAndIncrement() != 0) {
        return;
      }
      int done = 1;
      do {
        deliver();
        done = wakes.addAndGet(-done);
      } while (done != 0);
    }

    private void deliver() {
      Snapshot snapshot = current;
      if (closed || snapshot.version() == seen) {
        return;
      }
      seen = snapshot.version();
      try {
        consumer.accept(snapshot);
      } catch (RuntimeException e) {
        log.error("{}: a listener failed", snapshot.service(), e);
      }
    }

    @Override
    public void close() {
      closed = true;
      listeners.remove(this);
    }
  }
}
