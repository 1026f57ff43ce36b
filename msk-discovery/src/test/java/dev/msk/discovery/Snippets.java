package dev.msk.discovery;

import dev.msk.core.Scheduler;
import dev.msk.core.resilience.Backoff;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CircuitBreakerSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.eureka.EurekaRegistry;
import dev.msk.discovery.grpc.GrpcDiscovery;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.http.HttpProbe;
import dev.msk.discovery.spi.DiscoverySource;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The code of README.md; {@link ReadmeTest} compares the two and runs what needs no Eureka of that name. */
final class Snippets {

  private final Scheduler scheduler;
  private final Executor executor;

  Snippets(Workers workers) {
    this.scheduler = workers.scheduler();
    this.executor = workers.executor();
  }

  interface Server {
    void finish();
  }

  EurekaRegistry register(Server server) {
    // snippet: register
    EurekaRegistry eureka = EurekaRegistry.builder(
            List.of(URI.create("http://eureka-1:8761/eureka")), scheduler, executor)
        .build();
    Registration registration = eureka.register(Instance.builder("orders", "10.0.0.7", 8080)
        .version("1.4.2")
        .zone("eu-1")
        .build());

    // on SIGTERM: callers look each 30 s, at a cache that is up to 30 s old
    registration.drain(Duration.ofSeconds(70)).thenRun(() -> {
      server.finish();
      registration.close();
    });
    // end
    return eureka;
  }

  String http(DiscoverySource eureka) throws IOException, InterruptedException {
    // snippet: http
    ServiceDiscovery discovery = ServiceDiscovery.builder(eureka).build();
    LoadBalancer balancer = LoadBalancer.leastLoaded(discovery).build();
    DiscoveringHttpClient http =
        DiscoveringHttpClient.builder(balancer, scheduler, executor).build();

    HttpResponse<String> order = http.send(
        HttpRequest.newBuilder(URI.create("http://orders/orders/4711")).build(),
        BodyHandlers.ofString());
    // end
    return order.body();
  }

  DiscoveringHttpClient policies(LoadBalancer balancer) {
    // snippet: policies
    DiscoveringHttpClient http = DiscoveringHttpClient.builder(balancer, scheduler, executor)
        .policies(service -> CallPolicy.builder(service)
            .circuitBreaker(CircuitBreakerSpec.defaults())
            .backoff(Backoff.none()) // a retry goes to another instance
            .build())
        .build();
    // end
    return http;
  }

  LoadBalancer more(DiscoverySource eureka, Path directory, Telemetry telemetry) {
    // snippet: more
    ServiceDiscovery listed =
        ServiceDiscovery.builder(eureka).lastGoodIn(directory, executor).build();
    ServiceDiscovery discovery = HealthChecks.builder(
            listed, HttpProbe.builder("/health/ready", executor).build(), scheduler, executor)
        .build();
    LoadBalancer balancer =
        LoadBalancer.peakEwma(discovery).zone("eu-1").telemetry(telemetry).build();
    // end
    return balancer;
  }

  ManagedChannel grpc(ServiceDiscovery discovery) {
    // snippet: grpc
    GrpcDiscovery.of(discovery).register(); // once per process
    ManagedChannel channel = ManagedChannelBuilder.forTarget("msk:///orders")
        .usePlaintext()
        .defaultLoadBalancingPolicy(GrpcDiscovery.POLICY)
        .build();
    // end
    return channel;
  }

  interface Call {
    void to(Instance instance) throws IOException;
  }

  Optional<Lease> pick(LoadBalancer balancer, Call call) {
    // snippet: pick
    Lease lease = balancer.pick("orders", PickContext.any()).orElseThrow();
    try {
      call.to(lease.instance());
      lease.done(Outcome.OK, nanos());
    } catch (IOException e) {
      lease.done(Outcome.FAILED, nanos());
      PickContext elsewhere = PickContext.any().excluding(lease.instance());
      return balancer.pick("orders", elsewhere);
    }
    // end
    return Optional.empty();
  }

  private static long nanos() {
    return 1;
  }
}
