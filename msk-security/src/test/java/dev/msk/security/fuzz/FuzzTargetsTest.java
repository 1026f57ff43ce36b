package dev.msk.security.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fuzzing by coverage of what reads foreign bytes: 2,000 inputs each, or as long as {@code -Dmsk.fuzz.seconds} says; 0 for the seeds alone. An input
 * that was found once stays in {@code src/test/resources/fuzz/<Target>} and is a seed from then on.
 */
@Timeout(7_200)
final class FuzzTargetsTest {

  private static final @Nullable Integer SECONDS = Integer.getInteger("msk.fuzz.seconds");
  private static final String BOUND = SECONDS == null ? "-runs=2000" : "-max_total_time=" + SECONDS;

  static Stream<Target> targets() {
    return Stream.of(
        new Target(TokenTarget.class, TokenTarget::fuzzerTestOneInput, TokenTarget.seeds()),
        new Target(JsonTarget.class, JsonTarget::fuzzerTestOneInput, JsonTarget.seeds()),
        new Target(PemTarget.class, PemTarget::fuzzerTestOneInput, PemTarget.seeds()),
        new Target(PeerTarget.class, PeerTarget::fuzzerTestOneInput, PeerTarget.seeds()),
        new Target(RequestTarget.class, RequestTarget::fuzzerTestOneInput, RequestTarget.seeds()));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void seeds_andWhatWasFoundBefore_doNoHarm(Target target) throws IOException {
    assertThat(target.inputs()).isNotEmpty().allSatisfy(target.entry::accept);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void fuzzing_findsNothing(Target target) throws Exception {
    if (SECONDS != null && SECONDS == 0) {
      System.out.println("fuzz " + target + ": seeds alone, by -Dmsk.fuzz.seconds=0");
      return;
    }
    Jazzer.Result result =
        Jazzer.run(target.type, target.inputs(), folder(target.toString()), BOUND);

    System.out.printf(
        "fuzz %s: %s, %d runs, %d found%n",
        target, BOUND, result.runs(), result.crashes().size());
    assertThat(result.crashes()).as(result.log()).isEmpty();
    assertThat(result.status()).as(result.log()).isZero();
    assertThat(result.runs()).as(result.log()).isGreaterThan(target.seeds.size());
  }

  @Test
  void plantedFault_isFound() throws Exception {
    Jazzer.Result result = Jazzer.run(
        PlantedTarget.class,
        Seeds.of("{\"sub\":\"roof\"}"),
        folder("planted"),
        "-max_total_time=300");

    assertThat(result.status()).as(result.log()).isNotZero();
    assertThat(result.log()).contains("IllegalStateException: planted");
    byte[] found = Files.readAllBytes(result.crashes().get(0));
    assertThatThrownBy(() -> PlantedTarget.fuzzerTestOneInput(found)).hasMessage("planted");
  }

  /** Kept until the next run, for those who look into what was found. */
  private static Path folder(String name) throws IOException {
    Path folder = Path.of("target", "fuzz", name).toAbsolutePath();
    if (Files.exists(folder)) {
      try (Stream<Path> old = Files.walk(folder)) {
        for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }

  /** What is fuzzed, and with what it begins. */
  record Target(Class<?> type, Consumer<byte[]> entry, List<byte[]> seeds) {

    List<byte[]> inputs() throws IOException {
      List<byte[]> inputs = new ArrayList<>(seeds);
      Path found = Path.of("src/test/resources/fuzz", toString());
      if (Files.isDirectory(found)) {
        try (Stream<Path> files = Files.list(found)) {
          for (Path file : files.sorted().toList()) {
            inputs.add(Files.readAllBytes(file));
          }
        }
      }
      return inputs;
    }

    @Override
    public String toString() {
      return type.getSimpleName();
    }
  }
}
