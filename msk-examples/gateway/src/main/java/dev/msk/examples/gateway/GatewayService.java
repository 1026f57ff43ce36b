package dev.msk.examples.gateway;

import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.Part;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Identity;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import dev.msk.examples.chassis.Threads;
import dev.msk.examples.chassis.Tokens;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.security.CertificateLife;
import dev.msk.security.TlsIdentity;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * client ─HTTP/1.1─> Door ─> Proxy ─> Services ─HTTP/2, mTLS─> an instance of a service
 *                              │           │
 *                            Tokens  Registry, Identity
 * </pre>
 */
final class GatewayService {

  private static final Logger log = LoggerFactory.getLogger(GatewayService.class);

  /** Run the client's callbacks, none of which waits. */
  private static final int CLIENT_THREADS = 16;

  /** With the TLS handshake; when the process has just started, many are made at once. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  private GatewayService() {}

  /**
   * Starts everything. Requests are taken at once; readiness waits for the registry and the issuer.
   *
   * @throws IllegalArgumentException when a setting is wrong
   * @throws RuntimeException when a port is taken
   */
  static Lifecycle start(Environment environment) {
    Settings settings = Settings.of(environment);
    Threads threads = Threads.of("gateway");
    TlsIdentity identity = Identity.of(settings.tls(), threads.scheduler());
    Observability observability =
        Observability.start(settings.observability(), "gateway", settings.instance());
    Telemetry telemetry = observability.telemetry();
    Tokens tokens = Tokens.of("gateway", settings.tokens(), telemetry);
    Registry registry = Registry.connect(settings.registry(), threads, telemetry);
    ExecutorService callbacks = Executors.newFixedThreadPool(CLIENT_THREADS);
    Services services = Services.of(
        settings.routes(),
        settings.breakers(),
        DiscoveringHttpClient.builder(
                LoadBalancer.leastLoaded(registry.discovery())
                    .telemetry(telemetry)
                    .build(),
                threads.scheduler(),
                callbacks)
            .tls(identity)
            .connectTimeout(CONNECT_TIMEOUT),
        telemetry);
    Vertx vertx = Vertx.vertx();
    Door door = new Door(
        vertx,
        settings.host(),
        settings.port(),
        new Proxy(
            vertx, settings.routes(), tokens.verifier(), tokens.events(), services, telemetry),
        settings.longest());
    HealthChecks checks = HealthChecks.builder(threads.scheduler(), threads.executor())
        .interval(Duration.ofSeconds(1))
        .liveness(LivenessCheck.noDeadlock())
        .readiness("registry", new RegistrySeen(registry.discovery(), settings.routes()))
        .readiness("issuer", new IssuerSeen(tokens.verifier()))
        .build();
    AtomicReference<Management> management = new AtomicReference<>();
    Duration drain = settings.registry().drain();
    Lifecycle lifecycle = Lifecycle.builder("gateway")
        .telemetry(telemetry)
        .within(drain.plus(settings.longest()).plusSeconds(20))
        .part("observability", observability)
        .part("threads", threads)
        .part("identity", identity)
        .part("certificate", CertificateLife.register(telemetry, "gateway", identity))
        .part("tokens", tokens)
        .part("registry", registry)
        .part("callbacks", callbacks::shutdownNow)
        .part("services", services)
        .part(
            "vertx",
            () -> vertx.close().toCompletionStage().toCompletableFuture().join())
        .part(Part.named("health").start(checks::start).stop(checks::close))
        .part(Part.named("management")
            .start(() -> management.set(Management.start(
                settings.management(), checks, observability.metrics(), threads.executor())))
            .stop(() -> management.get().close()))
        .part(Part.named("door")
            .start(door::open)
            .drain(() -> door.close(settings.longest()))
            .within(settings.longest().plusSeconds(5)))
        .part(Part.named("balancers")
            .drain(() -> {
              checks.drain();
              Thread.sleep(drain.toMillis());
            })
            .within(drain.plusSeconds(1)))
        .build()
        .start();
    log.info(
        "gateway: ready on http://{}:{}, management on {}",
        settings.host(),
        door.port(),
        management.get().url());
    return lifecycle;
  }
}
