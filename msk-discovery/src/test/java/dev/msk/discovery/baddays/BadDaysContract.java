package dev.msk.discovery.baddays;

import static dev.msk.discovery.Eventually.eventually;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.NoInstanceException;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What callers notice when a source of instances has a bad day: nothing, or an error that says why. Everything is real but the clock by
 * which a loss is confirmed: the registry, the instances, the calls. A source's test class extends it and gives it a registry whose
 * connection can be cut; what a source cannot have it says, and is held to it.
 *
 * <p>It takes some seconds for each source: a process has to start and to leave, certificates to be made, and a source to look again.
 */
public abstract class BadDaysContract {

  /** Longer than any source pauses after its first failures, on a machine that is busy. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration CONFIRMED = Duration.ofMinutes(1);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  protected final Workers workers = open(new Workers());
  private final ManualTime clock = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final AtomicInteger reports = new AtomicInteger();
  private final String service = "days-" + UUID.randomUUID().toString().substring(0, 8);

  @TempDir
  private Path folder;

  /** For subclasses. */
  protected BadDaysContract() {}

  /** A new source that looks several times a second, or is told, through the connection that can be cut. */
  protected abstract DiscoverySource source() throws Exception;

  /** The same for instances with TLS; another one where the registry does not tell who speaks it. */
  protected DiscoverySource sourceOfTls() throws Exception {
    return source();
  }

  /** Makes the registry say that a service has these instances and no others, from one moment to the next. */
  protected abstract void list(String service, List<Instance> instances) throws Exception;

  /** Cuts the source off from its registry. */
  protected abstract void cut() throws Exception;

  /** Ends what {@link #cut()} began. */
  protected abstract void restore() throws Exception;

  /** Lets the registry say again what it said, where it does so less than once in some seconds. */
  protected void sayAgain(String service) {}

  /** Whether the registry tells the source of changes; where it does not, the source has to look again and again. */
  protected abstract boolean isTold();

  /** Makes a change that the source is not told of: the wake-up for it is lost. */
  protected abstract void changeUntold(ThrowingRunnable change) throws Exception;

  /** How a process registers itself, {@code consul} or {@code eureka} and a URL; empty where somebody else lists it. */
  protected abstract List<String> registration();

  /** What the platform says when it terminates an instance that has not registered itself. */
  protected abstract void terminating(String service, Instance staying, Instance leaving)
      throws Exception;

  /** A change of the registry. */
  @FunctionalInterface
  public interface ThrowingRunnable {
    void run() throws Exception;
  }

  /** Closes it after the test, before what was opened earlier. */
  protected final <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  @AfterEach
  final void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  @Test
  final void registryAwayAtBoot_isAClearError_andCallsBeginSoonAfterItCame() throws Exception {
    list(service, List.of(server("a").instance(service)));
    cut();
    DiscoveringHttpClient client = client(discovery(source()));

    assertThatThrownBy(() -> call(client))
        .isInstanceOf(NoInstanceException.class)
        .hasMessage(service + ": no instance (STALE, the registry has not answered yet)");

    restore();
    long back = System.nanoTime();
    eventually("calls begin", () -> succeeds(client));
    assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(SOON);
  }

  @Test
  final void registryAwayAtBoot_withAListOnDisk_callsBeginAtOnce() throws Exception {
    list(service, List.of(server("a").instance(service)));
    ServiceDiscovery lastWeek = discoveryWithDisk();
    eventually("known", () -> lastWeek.current(service).instances().size() == 1);
    eventually("kept", () -> Files.exists(folder.resolve(service + ".instances")));
    lastWeek.close();
    cut();

    ServiceDiscovery today = discoveryWithDisk();

    assertThat(call(client(today))).isEqualTo(200);
    assertThat(today.current(service).freshness()).isEqualTo(Freshness.DISK);
  }

  @Test
  final void emptyList_isHeld_howeverOftenItIsSaid_andCallsGoOn() throws Exception {
    List<Instance> two = List.of(server("a").instance(service), server("b").instance(service));
    list(service, two);
    ServiceDiscovery discovery = discovery(source());
    awaitListed(discovery, two);
    Callers callers = callers(discovery);

    list(service, List.of());
    eventually("not believed", () -> freshness(discovery) == Freshness.STALE);
    clock.advance(Duration.ofDays(1));
    awaitReport();
    callers.each(20);
    assertThat(addresses(discovery)).isEqualTo(addresses(two));

    list(service, two);
    awaitListed(discovery, two);
    assertThat(callers.failures()).isEmpty();
  }

  @Test
  final void sixtyPercentThatVanishAtOnce_areHeldUntilItIsConfirmed_thenLetGo() throws Exception {
    List<OkServer> five = Stream.of("a", "b", "c", "d", "e").map(this::server).toList();
    List<Instance> all = five.stream().map(one -> one.instance(service)).toList();
    list(service, all);
    ServiceDiscovery discovery = discovery(source());
    awaitListed(discovery, all);
    Callers callers = callers(discovery);

    list(service, all.subList(0, 2));
    eventually("not believed", () -> freshness(discovery) == Freshness.STALE);
    awaitReport();
    assertThat(addresses(discovery)).isEqualTo(addresses(all));
    callers.each(20);
    assertThat(callers.servedBy()).contains("c", "d", "e");

    // It was true: they are gone, and calls to them are repeated elsewhere until that is believed.
    five.subList(2, 5).forEach(OkServer::close);
    callers.each(20);
    clock.advance(CONFIRMED);
    awaitReport();
    awaitListed(discovery, all.subList(0, 2));
    callers.each(20);
    assertThat(callers.failures()).isEmpty();
  }

  @Test
  final void changeThatNobodyWasToldOf_isFound() throws Exception {
    List<Instance> two = List.of(server("a").instance(service), server("b").instance(service));
    list(service, two.subList(0, 1));
    ServiceDiscovery discovery = discovery(source());
    awaitListed(discovery, two.subList(0, 1));

    if (!isTold()) {
      awaitReport();
    }
    changeUntold(() -> list(service, two));

    awaitListed(discovery, two);
  }

  @Test
  final void instanceThatIsTerminatedUnderLoad_costsNoCall_andNoRetry() throws Exception {
    Instance staying = server("staying").instance(service);
    ChildProcess process = open(ServiceProcess.start(service, registration()));
    Instance leaving = ServiceProcess.instance(process, service);
    list(service, registersItself() ? List.of(staying) : List.of(staying, leaving));
    ServiceDiscovery discovery = discovery(source());
    awaitListed(discovery, List.of(staying, leaving));
    Callers callers = callers(discovery);
    eventually("load", () -> callers.servedBy().contains(ServiceProcess.NAME));

    if (!registersItself()) {
      terminating(service, staying, leaving);
    }
    process.stop();
    callers.each(20);

    assertThat(process.exitCode()).isEqualTo(ServiceProcess.TERMINATED);
    assertThat(ServiceProcess.hasLeft(process)).isTrue();
    assertThat(callers.failures()).isEmpty();
    assertThat(failedAttempts()).isZero();
  }

  @Test
  final void instanceThatDiesUnderLoad_costsRetries_andNoCall() throws Exception {
    OkServer dying = server("dying");
    List<Instance> two = List.of(server("staying").instance(service), dying.instance(service));
    list(service, two);
    ServiceDiscovery discovery = discovery(source());
    awaitListed(discovery, two);
    Callers callers = callers(discovery);
    eventually("load", () -> callers.servedBy().contains("dying"));

    dying.close();
    callers.each(50);

    assertThat(callers.failures()).isEmpty();
    assertThat(failedAttempts()).isPositive();
  }

  @Test
  final void certificateThatIsExchangedUnderLoad_costsNoCall() throws Exception {
    Rotation rotation = new Rotation();
    List<Instance> two = List.of(
        open(OkServer.start("a", rotation.server())).instance(Rotation.SERVICE),
        open(OkServer.start("b", rotation.server())).instance(Rotation.SERVICE));
    list(Rotation.SERVICE, two);
    ServiceDiscovery discovery = discovery(sourceOfTls());
    eventually("listed", () -> addresses(discovery, Rotation.SERVICE).equals(addresses(two)));
    DiscoveringHttpClient client = open(clientOf(discovery).tls(rotation).build());
    Callers callers = callers(client, "https://" + Rotation.SERVICE + "/");
    callers.each(10);

    rotation.trust(true, true);
    callers.each(10);
    rotation.presentNext();
    callers.each(10);
    rotation.trust(false, true);
    callers.each(10);

    assertThat(callers.failures()).isEmpty();
    assertThat(callers.servedBy()).containsExactlyInAnyOrder("a", "b");
    assertThat(rotation.nextWasShown()).isTrue();
    list(Rotation.SERVICE, List.of());
  }

  @Test
  final void serviceThatNobodyHas_isAClearError() throws Exception {
    ServiceDiscovery discovery = discovery(source());
    DiscoveringHttpClient client = client(discovery);

    assertThatThrownBy(() -> call(client))
        .isInstanceOf(NoInstanceException.class)
        .hasMessage(service + ": no instance (LIVE, the registry's answer is of "
            + discovery.current(service).asOf() + ")");
  }

  @Test
  final void registration_isWhereTheSourceIsARegistrar() throws Exception {
    assertThat(source() instanceof Registrar).isEqualTo(registersItself());
  }

  private boolean registersItself() {
    return !registration().isEmpty();
  }

  private OkServer server(String name) {
    try {
      return open(OkServer.start(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServiceDiscovery discovery(DiscoverySource source) {
    return open(ServiceDiscovery.builder(counted(source)).clock(clock).build());
  }

  /** The same, whose reports are counted once they have been judged. */
  private DiscoverySource counted(DiscoverySource source) {
    return (name, sink) -> source.watch(name, new DiscoverySource.Sink() {
      @Override
      public void instances(List<Instance> instances) {
        sink.instances(instances);
        reports.incrementAndGet();
      }

      @Override
      public void failed(Throwable cause) {
        sink.failed(cause);
        reports.incrementAndGet();
      }
    });
  }

  private void awaitReport() throws Exception {
    int before = reports.get();
    sayAgain(service);
    eventually("the source reports again", () -> reports.get() > before);
  }

  private ServiceDiscovery discoveryWithDisk() throws Exception {
    return open(ServiceDiscovery.builder(source())
        .clock(clock)
        .lastGoodIn(folder, workers.executor())
        .build());
  }

  private DiscoveringHttpClient.Builder clientOf(ServiceDiscovery discovery) {
    LoadBalancer balancer = open(LoadBalancer.leastLoaded(discovery).build());
    return DiscoveringHttpClient.builder(balancer, workers.scheduler(), workers.executor())
        .connectTimeout(PATIENCE)
        .attemptTimeout(PATIENCE)
        .telemetry(telemetry);
  }

  private DiscoveringHttpClient client(ServiceDiscovery discovery) {
    return open(clientOf(discovery).build());
  }

  private Callers callers(ServiceDiscovery discovery) throws Exception {
    Callers callers = callers(client(discovery), "http://" + service + "/");
    callers.each(10);
    return callers;
  }

  private Callers callers(DiscoveringHttpClient client, String uri) {
    return open(Callers.start(client, URI.create(uri), workers.executor()));
  }

  private int call(DiscoveringHttpClient client) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + service + "/")).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private boolean succeeds(DiscoveringHttpClient client) throws Exception {
    try {
      return call(client) == 200;
    } catch (NoInstanceException e) {
      return false;
    }
  }

  private long failedAttempts() {
    return telemetry.operations("http.client.request").stream()
        .filter(operation -> operation.outcome().equals("error"))
        .count();
  }

  private void awaitListed(ServiceDiscovery discovery, List<Instance> instances) throws Exception {
    eventually(
        "listed " + instances,
        () -> addresses(discovery).equals(addresses(instances))
            && freshness(discovery) == Freshness.LIVE);
  }

  private Freshness freshness(ServiceDiscovery discovery) {
    return discovery.current(service).freshness();
  }

  private Set<String> addresses(ServiceDiscovery discovery) {
    return addresses(discovery, service);
  }

  private static Set<String> addresses(ServiceDiscovery discovery, String service) {
    return addresses(discovery.current(service).instances());
  }

  private static Set<String> addresses(List<Instance> instances) {
    return instances.stream().map(Instance::authority).collect(toSet());
  }
}
