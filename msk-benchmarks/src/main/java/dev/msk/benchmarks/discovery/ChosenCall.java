package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.SteadyCalls;
import dev.msk.benchmarks.discovery.Chooser.Chosen;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** A call to one of the fleet, whichever somebody chooses. */
final class ChosenCall implements SteadyCalls.Call {

  private final HttpClient client;
  private final Chooser chooser;

  ChosenCall(HttpClient client, Chooser chooser) {
    this.client = client;
    this.chooser = chooser;
  }

  /** For all calls of a run. */
  static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @Override
  public CompletableFuture<?> begin() {
    Chosen chosen = chooser.choose();
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://" + SlowFleet.HOST + ":" + chosen.port() + "/"))
        .build();
    long sent = System.nanoTime();
    return client.sendAsync(request, BodyHandlers.discarding()).thenAccept(answer -> {
      chosen.end().accept(System.nanoTime() - sent);
      if (answer.statusCode() != SlowFleet.ANSWER) {
        throw new IllegalStateException(answer + " (expected: " + SlowFleet.ANSWER + ")");
      }
    });
  }
}
