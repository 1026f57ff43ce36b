package dev.msk.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes one after another that keep their lists in one directory, and a registry that is away when the next begins. */
final class LastGoodListTest {

  private static final Instance ORDERS_1 = Instance.builder("orders", "10.0.0.1", 8080)
      .id("with\ttab, \\ and\nnewline")
      .tls(true)
      .weight(300)
      .zone("eu-1")
      .version("1.4.2")
      .metadata(Map.of("schema", "12", "", "empty key"))
      .build();
  private static final Instance ORDERS_2 =
      Instance.builder("orders", "fd00::2", 8080).state(Instance.State.DRAINING).build();

  @TempDir
  private Path directory;

  private final ManualTime time = ManualTime.create();
  private InMemoryRegistry registry = InMemoryRegistry.create();
  private ServiceDiscovery discovery;

  @BeforeEach
  void startFirst() {
    startProcess();
  }

  @Test
  void listOfTheLastProcess_isKnown_whileTheRegistryIsAway() {
    answer(ORDERS_1, ORDERS_2);
    Snapshot kept = now();

    restartWithoutRegistry();
    time.advance(Duration.ofHours(1));

    assertThat(now().instances()).containsExactly(ORDERS_1, ORDERS_2);
    assertThat(now().freshness()).isEqualTo(Freshness.DISK);
    assertThat(now().asOf()).isEqualTo(kept.asOf());
    assertThat(now().age(time)).contains(Duration.ofHours(1));
    assertThat(discovery.liveVersions().of("orders").certain()).isFalse();
  }

  @Test
  void calls_needNotWait() {
    answer(ORDERS_1);
    restartWithoutRegistry();
    LoadBalancer balancer = LoadBalancer.leastLoaded(discovery).build();

    assertThat(balancer.pick("orders", PickContext.any()).map(Lease::instance)).contains(ORDERS_1);
    assertThat(balancer.ready("orders"))
        .isCompletedWithValueMatching(snapshot -> snapshot.freshness() == Freshness.DISK);
  }

  @Test
  void firstAnswer_replacesIt() {
    answer(ORDERS_1, ORDERS_2);
    restartWithoutRegistry();
    long before = now().version();

    Instance other = Instance.builder("orders", "10.0.0.3", 8080).build();
    registry.recover();
    answer(other);

    assertThat(now().instances()).containsExactly(other);
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
    assertThat(now().version()).isGreaterThan(before);
  }

  @Test
  void firstAnswerThatIsEmpty_isNotBelieved() {
    answer(ORDERS_1);
    restartWithoutRegistry();
    assertThat(now().instances()).containsExactly(ORDERS_1);

    registry.recover();

    assertThat(now().instances()).containsExactly(ORDERS_1);
    assertThat(now().freshness()).isEqualTo(Freshness.DISK);
  }

  @Test
  void nothingKept_isPending_orStale() {
    registry.fail(new IOException("away"));

    assertThat(discovery.current("payments").freshness()).isEqualTo(Freshness.STALE);
    assertThat(discovery.current("payments").instances()).isEmpty();
  }

  @Test
  void age_isKept_eachTenMinutes() {
    answer(ORDERS_1);
    time.advance(Duration.ofMinutes(9));
    answer(ORDERS_1);
    restartWithoutRegistry();
    assertThat(now().age(time)).contains(Duration.ofMinutes(9));

    startProcess();
    answer(ORDERS_1);
    time.advance(Duration.ofMinutes(10));
    answer(ORDERS_1);
    restartWithoutRegistry();
    assertThat(now().age(time)).contains(Duration.ZERO);
  }

  @Test
  void fileThatWasCutOffOrChanged_isIgnored_andWrittenAgain() throws IOException {
    answer(ORDERS_1, ORDERS_2);
    Path file = directory.resolve("orders.instances");
    byte[] whole = Files.readAllBytes(file);

    for (int length = 0; length < whole.length; length++) {
      byte[] part = new byte[length];
      System.arraycopy(whole, 0, part, 0, length);
      Files.write(file, part);
      restartWithoutRegistry();
      assertThat(now().instances()).as("%d bytes of %d", length, whole.length).isEmpty();
    }
    for (int position = 0; position < whole.length; position++) {
      byte[] changed = whole.clone();
      changed[position] ^= 1;
      Files.write(file, changed);
      restartWithoutRegistry();
      assertThat(now().instances()).as("byte %d", position).isEmpty();
    }
    startProcess();
    answer(ORDERS_1);
    restartWithoutRegistry();
    assertThat(now().instances()).containsExactly(ORDERS_1);
  }

  @Test
  void fileOfAnotherService_isIgnored() throws IOException {
    answer(ORDERS_1);
    Files.copy(directory.resolve("orders.instances"), directory.resolve("payments.instances"));

    restartWithoutRegistry();

    assertThat(discovery.current("payments").instances()).isEmpty();
  }

  @Test
  void fileBeyondTheBound_isIgnored() throws IOException {
    Files.write(directory.resolve("orders.instances"), new byte[(16 << 20) + 1]);

    restartWithoutRegistry();

    assertThat(now().instances()).isEmpty();
  }

  @Test
  void nothingElse_isLeftInTheDirectory() throws IOException {
    answer(ORDERS_1);
    answer(ORDERS_1, ORDERS_2);

    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(directory.resolve("orders.instances"));
    }
  }

  @Test
  void directoryThatGoesAway_isNoReasonToFail() throws IOException {
    answer(ORDERS_1);
    Files.delete(directory.resolve("orders.instances"));
    Files.delete(directory);

    answer(ORDERS_1, ORDERS_2);

    assertThat(now().instances()).containsExactly(ORDERS_1, ORDERS_2);
  }

  @Test
  void executorThatTakesNothing_isNoReasonToFail() {
    discovery = ServiceDiscovery.builder(registry)
        .lastGoodIn(directory, task -> {
          throw new IllegalStateException("shut down");
        })
        .build();

    answer(ORDERS_1);

    assertThat(now().instances()).containsExactly(ORDERS_1);
  }

  @Test
  void directoryThatIsAFile_isRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() ->
            ServiceDiscovery.builder(registry).lastGoodIn(file, Runnable::run).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("lastGoodIn: " + file + " (expected: a directory that can be written to)");
  }

  private void startProcess() {
    registry = InMemoryRegistry.create();
    discovery = ServiceDiscovery.builder(registry)
        .clock(time)
        .lastGoodIn(directory, Runnable::run)
        .build();
  }

  private void restartWithoutRegistry() {
    startProcess();
    registry.fail(new IOException("away"));
  }

  private void answer(Instance... instances) {
    var unused = now();
    registry.answer("orders", List.of(instances));
  }

  private Snapshot now() {
    return discovery.current("orders");
  }
}
