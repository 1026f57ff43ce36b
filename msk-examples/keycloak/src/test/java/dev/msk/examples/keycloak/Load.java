package dev.msk.examples.keycloak;

import dev.msk.security.http.LiveHttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Three callers who ask Keycloak for a token and orders for an answer, without a pause, until the end. */
final class Load implements AutoCloseable {

  private static final int CALLERS = 3;

  private final Clients clients;
  private final LiveHttpClient workload;
  private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final Set<String> algorithms = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  Load(Clients clients, LiveHttpClient workload) {
    this.clients = clients;
    this.workload = workload;
    for (int i = 0; i < CALLERS; i++) {
      callers.execute(this::call);
    }
  }

  /** Waits until tokens of so many keys have been taken, or one was refused. */
  void awaitKeys(int count) {
    Eventually.that(count + " keys in use", () -> keys.size() >= count || !failures.isEmpty());
  }

  /** Ends, and says which tokens were refused and what else went wrong. */
  List<String> end() throws InterruptedException {
    ended = true;
    callers.shutdown();
    if (!callers.awaitTermination(60, TimeUnit.SECONDS)) {
      failures.add("callers did not end");
    }
    return List.copyOf(failures);
  }

  Set<String> algorithms() {
    return Set.copyOf(algorithms);
  }

  @Override
  public void close() {
    ended = true;
    callers.shutdownNow();
  }

  private void call() {
    while (!ended && failures.size() < 100) {
      try {
        String token = clients.ownToken("reports");
        HttpResponse<String> answer =
            clients.readOrders(workload, "Authorization", "Bearer " + token);
        if (answer.statusCode() == 200) {
          algorithms.add(Clients.part(token, 0).get("alg").textValue());
          keys.add(Clients.part(token, 0).get("kid").textValue());
        } else {
          failures.add("status " + answer.statusCode() + " for " + Clients.part(token, 0));
        }
      } catch (Exception e) {
        if (!ended) {
          failures.add(e.toString());
        }
      }
    }
  }
}
