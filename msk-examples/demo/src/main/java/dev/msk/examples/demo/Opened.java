package dev.msk.examples.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Everything that was started, so that it ends with the demo, however that ends. Thread-safe. */
final class Opened {

  private final Executor threads;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private boolean closed;

  Opened() {
    ClassLoader ours = Opened.class.getClassLoader();
    this.threads = work -> {
      Thread thread = new Thread(work, "demo-start");
      thread.setContextClassLoader(ours);
      thread.setDaemon(true);
      thread.start();
    };
  }

  /** Starts something on a thread of its own. */
  <T extends AutoCloseable> CompletableFuture<T> starting(Supplier<T> start) {
    return CompletableFuture.supplyAsync(() -> add(start.get()), threads);
  }

  /** Keeps something that has started; ends it at once when the demo is ending. */
  <T extends AutoCloseable> T add(T started) {
    synchronized (opened) {
      if (!closed) {
        opened.add(started);
        return started;
      }
    }
    close(started);
    throw new IllegalStateException("the demo is ending");
  }

  /** Waits for a start. */
  static <T> T done(CompletableFuture<T> start) {
    try {
      return start.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /**
   * Ends the services, then all else, each group at once. Idempotent.
   *
   * @param before what to do to each service first
   */
  void close(Consumer<Service> before) {
    List<AutoCloseable> all;
    synchronized (opened) {
      closed = true;
      all = List.copyOf(opened);
      opened.clear();
    }
    closeAtOnce(all.stream().filter(one -> one instanceof Service).toList(), before);
    closeAtOnce(all.stream().filter(one -> !(one instanceof Service)).toList(), before);
  }

  private void closeAtOnce(List<AutoCloseable> some, Consumer<Service> before) {
    some.stream()
        .map(one -> CompletableFuture.runAsync(
            () -> {
              if (one instanceof Service service) {
                before.accept(service);
              }
              close(one);
            },
            threads))
        .toList()
        .forEach(CompletableFuture::join);
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      System.err.println("demo: " + e.getMessage());
    }
  }
}
