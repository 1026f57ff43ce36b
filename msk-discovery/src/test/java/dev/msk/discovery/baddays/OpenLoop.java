package dev.msk.discovery.baddays;

import static dev.msk.discovery.Eventually.eventually;

import dev.msk.discovery.http.DiscoveringHttpClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Threads that call at a steady rate, whether the calls before have ended or not. A call's time begins when it is due, so that a stall
 * shows in all the calls that it delays.
 */
final class OpenLoop implements AutoCloseable {

  private static final int THREADS = 4;

  private final DiscoveringHttpClient client;
  private final HttpRequest request;
  private final Timeline timeline;
  private final long intervalNanos;
  private final AtomicInteger underWay = new AtomicInteger();
  private final List<Thread> threads;
  private volatile boolean done;

  private OpenLoop(DiscoveringHttpClient client, URI uri, int perSecond, Timeline timeline) {
    this.client = client;
    this.request = HttpRequest.newBuilder(uri).build();
    this.timeline = timeline;
    this.intervalNanos = 1_000_000_000L * THREADS / perSecond;
    long start = System.nanoTime();
    this.threads = IntStream.range(0, THREADS)
        .mapToObj(number -> new Thread(
            () -> callFrom(start + number * intervalNanos / THREADS), "caller-" + number))
        .toList();
  }

  static OpenLoop start(DiscoveringHttpClient client, URI uri, int perSecond, Timeline timeline) {
    OpenLoop loop = new OpenLoop(client, uri, perSecond, timeline);
    loop.threads.forEach(Thread::start);
    return loop;
  }

  private void callFrom(long first) {
    for (long due = first; !done; due += intervalNanos) {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      call(due);
    }
  }

  private void call(long due) {
    underWay.incrementAndGet();
    var unused = client
        .sendAsync(request, BodyHandlers.discarding())
        .whenComplete((response, error) -> {
          ended(System.nanoTime() - due, response, error);
          underWay.decrementAndGet();
        });
  }

  private void ended(long nanos, @Nullable HttpResponse<Void> response, @Nullable Throwable error) {
    if (error != null) {
      timeline.failed(nanos, error + ", before: " + Arrays.toString(error.getSuppressed()));
    } else if (response != null && response.statusCode() != 200) {
      timeline.failed(nanos, "status " + response.statusCode());
    } else {
      timeline.succeeded(nanos);
    }
  }

  /** Calls no more, and waits for the end of what is under way. */
  @Override
  public void close() throws Exception {
    done = true;
    for (Thread thread : threads) {
      thread.join();
    }
    eventually("the last calls end", () -> underWay.get() == 0);
  }
}
