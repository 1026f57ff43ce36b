package dev.msk.examples.gateway;

import dev.msk.core.CallContext;
import dev.msk.core.resilience.AdaptiveLimit;
import dev.msk.core.resilience.Admission;
import dev.msk.core.resilience.Admitted;
import dev.msk.core.resilience.Backoff;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallRefusedException;
import dev.msk.core.resilience.LoadShedder;
import dev.msk.core.resilience.Outcome;
import dev.msk.core.resilience.Outcomes;
import dev.msk.core.resilience.Refused;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.http.DiscoveringHttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * The way to the services: one client, and for each service a shedder before it and a policy in it.
 *
 * <p>The gateway is the outermost layer, so that it is the one that repeats calls: the services below
 * see that by their headers, and do not. A service that hangs sheds its own requests and nobody
 * else's, one that fails is left alone for a while, and an instance that fails alone is passed over
 * ({@link Breakers}). Nothing here waits. Thread-safe.
 */
final class Services implements AutoCloseable {

  /** Requests to one service at once, until it is known how many it can do. */
  static final int AT_FIRST = 256;

  private static final int AT_LEAST = 32;

  private final Map<String, CallPolicy> policies = new HashMap<>();
  private final Map<String, LoadShedder> shedders = new HashMap<>();
  private final DiscoveringHttpClient client;

  private Services(
      List<Route> routes,
      Breakers breakers,
      DiscoveringHttpClient.Builder builder,
      Telemetry telemetry) {
    for (Route route : routes) {
      String service = route.service();
      policies.computeIfAbsent(service, name -> policy(name, routes, breakers, telemetry));
      shedders.computeIfAbsent(service, name -> shedder(name, telemetry));
    }
    this.client = builder.telemetry(telemetry).policies(policies::get).build();
  }

  /**
   * The services that routes name.
   *
   * @param breakers of each service and each instance
   * @param builder knows the way; its policies and its telemetry are set here
   */
  static Services of(
      List<Route> routes,
      Breakers breakers,
      DiscoveringHttpClient.Builder builder,
      Telemetry telemetry) {
    return new Services(routes, breakers, builder, telemetry);
  }

  /** As long as the service's slowest route may take; each route's own time is in the context of its calls. */
  private static CallPolicy policy(
      String service, List<Route> routes, Breakers breakers, Telemetry telemetry) {
    Duration longest = routes.stream()
        .filter(route -> route.service().equals(service))
        .map(route -> route.limits().time())
        .max(Duration::compareTo)
        .orElseThrow();
    return CallPolicy.builder(service)
        .timeout(longest)
        // An instance that does not answer may cost half of the time: the rest is for another one.
        .attemptTimeout(longest.dividedBy(2))
        // Which goes to another instance: there is nothing to wait for.
        .backoff(Backoff.none())
        .circuitBreaker(breakers.ofService())
        .instanceBreakers(breakers.ofInstances())
        .telemetry(telemetry)
        .build();
  }

  private static LoadShedder shedder(String service, Telemetry telemetry) {
    return LoadShedder.builder(service)
        .limit(AdaptiveLimit.builder()
            .initial(AT_FIRST)
            .min(AT_LEAST)
            .max(Proxy.MAX_UNDER_WAY)
            .build())
        .telemetry(telemetry)
        .build();
  }

  /**
   * Calls a route's service in this thread's context.
   *
   * @return the answer; fails with {@link CallRefusedException} at once if the service has too much to do for a
   *     request of this priority, its breaker is open, or too little time is left. Cancelling it gives the call up
   */
  CompletableFuture<HttpResponse<byte[]>> call(Route route, HttpRequest request) {
    Admission admission =
        shedders.get(route.service()).admit(route.priority(), CallContext.current());
    if (admission instanceof Refused refused) {
      return CompletableFuture.failedFuture(new CallRefusedException(route.service(), refused));
    }
    Admitted admitted = (Admitted) admission;
    CompletableFuture<HttpResponse<byte[]>> call;
    try {
      call = client
          .sendAsync(request, BoundedBody.of(route.limits().response()))
          .toCompletableFuture();
    } catch (RuntimeException e) {
      admitted.done(Outcome.failed());
      throw e;
    }
    var unused = call.whenComplete((answer, failure) -> admitted.done(outcome(answer, failure)));
    return call;
  }

  /** What it says about how much the service can do. */
  private static Outcome outcome(HttpResponse<byte[]> answer, Throwable failure) {
    if (failure == null) {
      return switch (answer.statusCode()) {
        case 429, 503 -> Outcome.overloaded();
        case 504 -> Outcome.timedOut();
        default -> answer.statusCode() < 500 ? Outcome.ok() : Outcome.failed();
      };
    }
    Throwable cause = Outcomes.unwrap(failure);
    if (cause instanceof CancellationException) {
      return Outcome.cancelled();
    }
    return cause instanceof HttpTimeoutException ? Outcome.timedOut() : Outcome.failed();
  }

  @Override
  public void close() {
    client.close();
    policies.values().forEach(CallPolicy::close);
    shedders.values().forEach(LoadShedder::close);
  }
}
