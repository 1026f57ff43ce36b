package dev.msk.examples.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Customers who place orders at the same time, each customer one order after the other or several. */
public final class Crowd implements AutoCloseable {

  private static final int CUSTOMERS = 20;
  private static final int THREADS = 8;

  private final Shop shop;
  private final int limit;
  private final Duration pause;
  private final AtomicInteger drawn = new AtomicInteger();
  private final AtomicInteger placed = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private Crowd(Shop shop, int limit, Duration pause) {
    this.shop = shop;
    this.limit = limit;
    this.pause = pause;
  }

  /**
   * Eight threads begin to place orders of twenty customers.
   *
   * @param shop places them
   * @param limit how many orders
   * @param pause of each thread between two orders
   * @return a crowd at work
   */
  public static Crowd enter(Shop shop, int limit, Duration pause) {
    Crowd crowd = new Crowd(shop, limit, pause);
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(crowd::work, "crowd-" + i);
      thread.setDaemon(true);
      crowd.threads.add(thread);
      thread.start();
    }
    return crowd;
  }

  /**
   * How many orders were placed.
   *
   * @return answers with 201 so far
   */
  public int placed() {
    return placed.get();
  }

  /** Waits until the limit is reached. */
  public void await() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable broken = failure.get();
    if (broken != null) {
      throw new IllegalStateException(broken.getMessage(), broken);
    }
  }

  /** Places no more, and waits for the orders under way. */
  public void leave() throws InterruptedException {
    stopping = true;
    await();
  }

  /** Places no more. */
  @Override
  public void close() {
    stopping = true;
  }

  private void work() {
    try {
      for (int n = drawn.getAndIncrement(); n < limit && !stopping; n = drawn.getAndIncrement()) {
        String customer = "customer-" + (n * 7 % CUSTOMERS + 1);
        shop.place(new Shop.Wanted(
            customer, n % 3 == 0 ? "coffee-1kg" : "tea-500g", n % 4 + 1, 100 + n * 37L % 50_000));
        placed.incrementAndGet();
        LockSupport.parkNanos(pause.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      stopping = true;
    }
  }
}
