package dev.msk.discovery.file;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileSourceTest {

  private static final String GOOD = """
      {"orders": [{"host": "10.0.0.7", "port": 8080}]}""";
  private static final Instance EXPECTED =
      Instance.builder("orders", "10.0.0.7", 8080).build();

  @TempDir
  Path folder;

  private final ManualTime time = ManualTime.create();
  private Path file;
  private FileSource source;
  private ServiceDiscovery discovery;

  @BeforeEach
  void open() {
    file = folder.resolve("instances.json");
    source = FileSource.builder(file, time, Runnable::run).maxBytes(1024).build();
    discovery = ServiceDiscovery.builder(source).clock(time).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    source.close();
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void all_thatAnInstanceSays_isRead() throws Exception {
    write("""
        {"orders": [{"host": "10.0.0.8", "port": 8443, "id": "orders-2", "tls": true, "weight": 200, "zone": "eu-1",
          "version": "1.4.2", "state": "DRAINING", "metadata": {"schema": "7"}}], "payments": []}""");

    assertThat(discovery.current("orders").instances())
        .containsExactly(Instance.builder("orders", "10.0.0.8", 8443)
            .id("orders-2")
            .tls(true)
            .weight(200)
            .zone("eu-1")
            .version("1.4.2")
            .state(State.DRAINING)
            .metadata(Map.of("schema", "7"))
            .build());
    assertThat(discovery.current("payments").freshness()).isEqualTo(Freshness.LIVE);
    assertThat(discovery.current("unknown").freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void change_isSeenWithTheNextLook() throws Exception {
    write("""
        {"orders": []}""");
    assertThat(discovery.current("orders").instances()).isEmpty();

    write(GOOD);
    time.advance(Duration.ofMillis(4_999));
    assertThat(discovery.current("orders").instances()).isEmpty();
    time.advance(Duration.ofMillis(1));

    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void fileThatIsNotThereYet_isAFailure_thatHeals() throws Exception {
    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.STALE);

    write(GOOD);
    time.advance(Duration.ofSeconds(5));

    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.LIVE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      []                                                                      | file: ARRAY (expected: an object by service)
      {"orders": 7}                                                           | orders: NUMBER (expected: a list)
      {"orders": [7]}                                                         | orders[0]: NUMBER (expected: an object)
      {"orders": [{"port": 1}]}                                               | orders[0]: host: missing (expected: text)
      {"orders": [{"host": "a", "port": "1"}]}                                | orders[0]: port: "1" (expected: a whole number)
      {"orders": [{"host": "a", "port": 70000}]}                              | orders[0]: port: 70000 (expected: 1 to 65535)
      {"orders": [{"host": "a", "port": 1, "zonee": "b"}]}                    | orders[0]: zonee: unknown (expected: host, port,
      {"orders": [{"host": "a", "port": 1, "tls": "no"}]}                     | orders[0]: tls: "no" (expected: true or false)
      {"orders": [{"host": "a", "port": 1, "state": "up"}]}                   | orders[0]: state: "up" (expected: one of [UP,
      {"orders": [{"host": "a", "port": 1, "metadata": {"b": 1}}]}            | orders[0]: metadata.b: 1 (expected: text)
      {"orders": [{"host": "a", "port": 1}, {"host": "a b", "port": 1}]}      | orders[1]: host: a b (expected: a name or IP address)
      {"no/name": [{"host": "a", "port": 1}]}                                 | no/name[0]: service: no/name (expected:
      {"orders": [], "orders": []}                                            | Duplicate field 'orders'
      {"orders": []} {}                                                       | Trailing token
      {"orders":                                                              | Unexpected end-of-input
      """)
  void contentThatIsNotUnderstood_isAFailure_thatSaysWhere(String content, String message)
      throws Exception {
    write(GOOD);
    List<Throwable> failures = new ArrayList<>();
    List<List<Instance>> seen = new ArrayList<>();
    Subscription subscription = source.watch("orders", sink(seen, failures));

    write(content);
    time.advance(Duration.ofSeconds(5));

    subscription.close();
    assertThat(seen).containsExactly(List.of(EXPECTED));
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).hasMessageStartingWith(file + ": ").hasMessageContaining(message);
  }

  @Test
  void hugeFile_isAFailure_andTheLastGoodListIsKept() throws Exception {
    write(GOOD);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);

    write(GOOD + " ".repeat(1024));
    time.advance(Duration.ofSeconds(5));

    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void fileOfThousands_isRead() throws Exception {
    try (FileSource large = FileSource.builder(file, time, Runnable::run).build();
        ServiceDiscovery all = ServiceDiscovery.builder(large).build()) {
      write(IntStream.range(1, 5001)
          .mapToObj(port -> "{\"host\": \"10.0.0.7\", \"port\": " + port + "}")
          .collect(joining(", ", "{\"orders\": [", "]}")));

      assertThat(all.current("orders").instances()).hasSize(5000);
    }
  }

  @Test
  void fileThatGoes_isAFailure_thatSaysSo_andTheLastGoodListIsKept() throws Exception {
    write(GOOD);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
    List<Throwable> failures = new ArrayList<>();
    Subscription subscription = source.watch("orders", sink(new ArrayList<>(), failures));

    Files.delete(file);
    time.advance(Duration.ofSeconds(5));

    subscription.close();
    assertThat(failures).extracting(Throwable::getMessage).containsExactly(file + ": is not there");
    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void folderInItsPlace_isAFailure_thatSaysWhat() throws Exception {
    Files.createDirectory(file);
    List<Throwable> failures = new ArrayList<>();

    Subscription subscription = source.watch("orders", sink(new ArrayList<>(), failures));

    subscription.close();
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).hasMessage(file + ": Is a directory");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> FileSource.builder(file, time, Runnable::run)
            .interval(Duration.ZERO)
            .maxBytes(0)
            .build())
        .hasMessage("interval: PT0S (expected: more than zero); maxBytes: 0 (expected: >= 1024)");
  }

  private static DiscoverySource.Sink sink(List<List<Instance>> seen, List<Throwable> failures) {
    return new DiscoverySource.Sink() {
      @Override
      public void instances(List<Instance> instances) {
        seen.add(instances);
      }

      @Override
      public void failed(Throwable cause) {
        failures.add(cause);
      }
    };
  }

  /** As whoever keeps it should: another file, renamed. */
  private void write(String content) throws IOException {
    Path next = folder.resolve("next.json");
    Files.writeString(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
