package dev.msk.security.trust;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvents;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every server when an authority is taken out of its bundle, and when certificates are exchanged. */
@Timeout(180)
abstract class TrustRemovedContract {

  private static final Duration BOUND = Duration.ofSeconds(1);

  private final TestCa stays = TestCa.create("shop.example");
  private final TestCa leaves = TestCa.create("shop.example");
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<SecurityEvent> seen = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir
  private Path folder;

  private Service service;
  private TrustedServer server;

  abstract TrustedServer start(Service service) throws Exception;

  /** A service that trusts its own authority and others. */
  Service service(
      Path files,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    return Service.of(files, name, own, scheduler, events, trusted);
  }

  @BeforeEach
  final void startServer() throws Exception {
    SecurityEvents events = SecurityEvents.builder("inventory")
        .lines((level, json) -> {})
        .listener(seen::add)
        .build();
    service = opened(service(
        folder.resolve("inventory"), "inventory", stays, Scheduler.of(clock), events, leaves));
    server = opened(start(service));
  }

  @AfterEach
  final void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    clock.shutdownNow();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  final void liveClient_isRefused(String tls) throws Exception {
    Wire wire = opened(wire(client("orders", leaves), tls));
    wire.exchange();
    wire.exchange();

    service.write();

    assertThat(refusedAfter(wire::exchange)).isLessThan(BOUND);
    assertThat(seen)
        .filteredOn(event -> event.type() == EventType.TLS_PEER_REFUSED)
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.fields())
            .containsEntry(Field.CALLER, "spiffe://shop.example/orders")
            .containsEntry(Field.GENERATION, Long.toString(service.identity().generation())));
  }

  @Test
  final void pooledClient_isRefused_andSoItStays() throws Exception {
    TrustedServer.TrustedClient client = opened(server.client(client("orders", leaves)));
    client.call();
    client.call();

    service.write();

    assertThat(refusedAfter(client::call)).isLessThan(BOUND);
    for (int i = 0; i < 3; i++) {
      assertThat(isRefused(client::call)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  final void resumedClient_isRefused(String tls) throws Exception {
    SSLContext context = client("orders", leaves).identity().context("inventory");
    long began = exchanged(context, tls);
    assertThat(exchanged(context, tls)).as("a session that is resumed").isEqualTo(began);

    service.write();

    assertThat(refusedAfter(() -> exchanged(context, tls))).isLessThan(BOUND);
  }

  @Test
  final void freshClient_isRefused_andOneOfTheAuthorityThatStays_isNot() throws Exception {
    service.write();
    SSLContext gone = client("orders", leaves).identity().context("inventory");

    assertThat(refusedAfter(() -> exchanged(gone, "TLSv1.3"))).isLessThan(BOUND);
    assertThat(exchanged(client("payments", stays).identity().context("inventory"), "TLSv1.3"))
        .isPositive();
  }

  @Test
  final void exchangesOfCertificatesUnderLoad_dropNoRequest() throws Exception {
    TestCa comes = TestCa.create("shop.example");
    List<Service> callers = List.of(client("orders", stays), client("payments", stays));
    List<Exception> failures = new CopyOnWriteArrayList<>();
    List<AtomicLong> counts = new ArrayList<>();
    AtomicBoolean done = new AtomicBoolean();
    for (Service caller : callers) {
      TrustedServer.TrustedClient client = opened(server.client(caller));
      AtomicLong count = new AtomicLong();
      counts.add(count);
      for (int i = 0; i < 2; i++) {
        threads.execute(() -> {
          while (!done.get()) {
            try {
              client.call();
            } catch (Exception e) {
              failures.add(e);
            }
            count.incrementAndGet();
          }
        });
      }
    }

    for (int round = 0; round < 100; round++) {
      TestCa[] trusted = round % 3 == 0 ? new TestCa[] {leaves, comes} : new TestCa[] {comes};
      service.exchange(trusted);
      callers.get(round % 2).exchange(comes);
      for (AtomicLong count : counts) {
        long before = count.get();
        eventually("requests go on", () -> count.get() >= before + 2);
      }
    }
    done.set(true);

    assertThat(failures).isEmpty();
    long total = counts.stream().mapToLong(AtomicLong::get).sum();
    System.out.printf(
        "%s: %d requests over 100 exchanges, %d failed%n",
        getClass().getSimpleName(), total, failures.size());
  }

  private Service client(String name, TestCa authority) {
    return opened(service(
        folder.resolve(name + "-" + open.size()),
        name,
        authority,
        Scheduler.of(clock),
        SecurityEvents.none(),
        stays));
  }

  private Wire wire(Service client, String tls) throws Exception {
    return Wire.connect(
        client.identity().context("inventory"), server.port(), tls, server.protocol());
  }

  private long exchanged(SSLContext context, String tls) throws Exception {
    try (Wire wire = Wire.connect(context, server.port(), tls, server.protocol())) {
      wire.exchange();
      return wire.sessionBegan();
    }
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    open.add(closeable);
    return closeable;
  }

  /** How long requests are answered from now on. */
  private static Duration refusedAfter(Request request) throws Exception {
    long from = System.nanoTime();
    eventually("refused", () -> isRefused(request));
    return Duration.ofNanos(System.nanoTime() - from);
  }

  private static boolean isRefused(Request request) {
    try {
      request.send();
      return false;
    } catch (Exception e) {
      return true;
    }
  }

  private interface Request {
    void send() throws Exception;
  }
}
