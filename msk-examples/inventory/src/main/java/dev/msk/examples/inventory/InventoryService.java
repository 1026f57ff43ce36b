package dev.msk.examples.inventory;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.Part;
import dev.msk.discovery.Instance;
import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Identity;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import dev.msk.examples.chassis.Threads;
import dev.msk.observability.health.DataSourceCheck;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.security.CertificateLife;
import dev.msk.security.TlsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * orders ──gRPC, mTLS──> InventoryServer ─> InventoryCalls ─> Stockroom ─┬─> reservation    one transaction
 *                        who may           what is asked                └─> stock
 * </pre>
 */
final class InventoryService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(InventoryService.class);

  /** The workers', and one of the probes. */
  private static final int CONNECTIONS = InventoryServer.WORKERS + 1;

  private final Lifecycle lifecycle;
  private final InventoryServer server;
  private final Management management;

  private InventoryService(Lifecycle lifecycle, InventoryServer server, Management management) {
    this.lifecycle = lifecycle;
    this.server = server;
    this.management = management;
  }

  /**
   * Connects to the database, brings its schema up to date, and starts. A registry that is not there
   * yet is waited for: whoever knows the way in is served meanwhile.
   *
   * @throws IllegalArgumentException when the identity cannot be used
   * @throws RuntimeException when the database is not there or a port is taken
   */
  static InventoryService start(Settings settings) {
    HikariDataSource database = Databases.connect(settings.database(), "inventory", CONNECTIONS);
    Threads threads = Threads.of("inventory");
    Observability observability =
        Observability.start(settings.observability(), "inventory", settings.owner());
    InventoryService service;
    try {
      service = assembled(settings, database, threads, observability);
    } catch (RuntimeException e) {
      observability.close();
      threads.close();
      database.close();
      throw e;
    }
    service.lifecycle.start();
    log.info(
        "inventory: ready on {}:{}, management on {}",
        settings.host(),
        service.port(),
        service.managementUrl());
    return service;
  }

  private static InventoryService assembled(
      Settings settings, HikariDataSource database, Threads threads, Observability observability) {
    TlsIdentity identity = Identity.of(settings.tlsFolder(), threads.scheduler());
    SchemaInstaller.of(database).install(InventoryService.schema());
    Stockroom stockroom = new Stockroom(Transactor.of(database));
    stockroom.addMissing(settings.stock());

    InventoryServer server =
        new InventoryServer(settings, identity, observability.telemetry(), stockroom);
    Registry registry = Registry.connect(settings.registry(), threads, observability.telemetry());

    HealthChecks checks = HealthChecks.builder(threads.scheduler(), threads.executor())
        .liveness(LivenessCheck.noDeadlock())
        .readiness("database", DataSourceCheck.of(database))
        .build();
    Management management = Management.start(
        settings.management(), checks, observability.metrics(), threads.executor());

    Lifecycle lifecycle = Lifecycle.builder("inventory")
        .part("telemetry", observability)
        .part("threads", threads)
        .part("identity", identity)
        .part(
            "certificate",
            CertificateLife.register(observability.telemetry(), "inventory", identity))
        .part("database", database)
        .part("management", management)
        .part("registry", registry)
        .part(Part.named("grpc").start(server::start).drain(server::drain).stop(server::stop))
        // Drained before gRPC is: callers learn that this instance leaves while it still serves.
        .part(registry.registration(
            () -> Instance.builder("inventory", settings.host(), server.port())
                .tls(true)
                .build()))
        .part(Part.named("probes").start(checks::start).drain(checks::drain).stop(checks::close))
        .within(settings.registry().drain().plusSeconds(30))
        .telemetry(observability.telemetry())
        .build();
    return new InventoryService(lifecycle, server, management);
  }

  /** The tables of this service. */
  static SchemaScripts schema() {
    return SchemaScripts.of("inventory", InventoryService.class, "V001__inventory.sql");
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  int port() {
    return server.port();
  }

  /** Where operators ask. */
  String managementUrl() {
    return management.url();
  }

  /** Leaves the registry, finishes the calls under way, gives connections back. */
  @Override
  public void close() {
    lifecycle.close();
  }
}
