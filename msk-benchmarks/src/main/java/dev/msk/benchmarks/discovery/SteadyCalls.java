package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.discovery.Chooser.Chosen;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls at a steady rate, which waits for nobody. The time of a call begins when the call is due, not when it is sent, so that whatever
 * holds it up counts (G. Tene, "How NOT to Measure Latency": coordinated omission). Confined to one thread.
 */
final class SteadyCalls {

  private static final int PATIENCE_SECONDS = 60;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int perSecond;
  private final int calls;

  SteadyCalls(int perSecond, int calls) {
    this.perSecond = perSecond;
    this.calls = calls;
  }

  /** Milliseconds of each call, but for those of the first second. */
  double[] run(Chooser chooser) throws ExecutionException, InterruptedException, TimeoutException {
    List<CompletableFuture<Double>> millis = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long due = start + i * 1_000_000_000L / perSecond;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      millis.add(call(chooser.choose(), due));
    }
    CompletableFuture.allOf(millis.toArray(CompletableFuture[]::new))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return millis.stream()
        .skip(Math.min(perSecond, calls / 2))
        .mapToDouble(CompletableFuture::join)
        .toArray();
  }

  private CompletableFuture<Double> call(Chosen chosen, long due) {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://" + SlowFleet.HOST + ":" + chosen.port() + "/"))
        .build();
    long sent = System.nanoTime();
    return client.sendAsync(request, BodyHandlers.discarding()).thenApply(answer -> {
      long now = System.nanoTime();
      chosen.end().accept(now - sent);
      if (answer.statusCode() != SlowFleet.ANSWER) {
        throw new IllegalStateException(answer + " (expected: " + SlowFleet.ANSWER + ")");
      }
      return (now - due) / 1e6;
    });
  }
}
