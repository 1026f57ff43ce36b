package dev.msk.discovery.baddays;

import static dev.msk.discovery.Eventually.eventually;

import dev.msk.discovery.http.DiscoveringHttpClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Four who call a service on and on, and what became of their calls. */
final class Callers implements AutoCloseable {

  private static final Duration BETWEEN_CALLS = Duration.ofMillis(1);

  private final DiscoveringHttpClient client;
  private final HttpRequest request;
  private final List<AtomicInteger> calls =
      Stream.generate(AtomicInteger::new).limit(4).toList();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Set<String> servedBy = ConcurrentHashMap.newKeySet();
  private volatile boolean done;

  private Callers(DiscoveringHttpClient client, URI uri) {
    this.client = client;
    this.request = HttpRequest.newBuilder(uri).build();
  }

  static Callers start(DiscoveringHttpClient client, URI uri, Executor executor) {
    Callers callers = new Callers(client, uri);
    callers.calls.forEach(count -> executor.execute(() -> callers.callOnAndOn(count)));
    return callers;
  }

  private void callOnAndOn(AtomicInteger count) {
    while (!done) {
      try {
        HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
        if (response.statusCode() != 200) {
          failures.add("status " + response.statusCode());
        }
        servedBy.addAll(response.headers().allValues(OkServer.SERVED_BY));
      } catch (Exception e) {
        if (!done) {
          failures.add(e + ", before: " + Arrays.toString(e.getSuppressed()));
        }
      }
      count.incrementAndGet();
      LockSupport.parkNanos(BETWEEN_CALLS.toNanos());
    }
  }

  /** Waits until each of them has called so many times more, or a call has failed. */
  void each(int times) throws Exception {
    for (AtomicInteger count : calls) {
      int before = count.get();
      eventually("calls", () -> count.get() >= before + times || !failures.isEmpty());
    }
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Who has answered so far. */
  Set<String> servedBy() {
    return Set.copyOf(servedBy);
  }

  /** What fails from now on does not count. */
  @Override
  public void close() {
    done = true;
  }
}
