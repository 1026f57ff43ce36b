package dev.msk.discovery.baddays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.msk.discovery.consul.ConsulRegistry;
import dev.msk.discovery.eureka.EurekaRegistry;
import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.EurekaServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Calls flow, and instances are replaced, while a real registry is restarted, cut off and slowed at random: no call may fail, and each change
 * that is made while the registry is well must arrive. Each second is written to {@code target/bad-days}, as numbers and as a plot.
 *
 * <p>Twenty seconds of Consul; {@code -Dmsk.days.minutes=10}, which {@code -Pchaos} says, for the long run of Consul and Eureka at once; {@code
 * -Dmsk.days.seed} to repeat the faults of one.
 */
final class TenMinutesTest {

  private static final long MINUTES = Long.getLong("msk.days.minutes", 0);
  private static final long SEED = Long.getLong("msk.days.seed", System.nanoTime());
  private static final int CALLS_PER_SECOND = 100;
  private static final Path RESULTS = Path.of("target", "bad-days");

  private final List<RegistryChaos> runs = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (RegistryChaos run : runs) {
      run.close();
    }
  }

  @Test
  void registryThatIsRestartedCutOffAndSlowed_costsNoCall_andLosesNoChange() throws Exception {
    String missing = ConsulServer.missing().orElse("");
    assumeTrue(missing.isEmpty(), missing);
    boolean isLong = MINUTES > 0;
    Duration time = isLong ? Duration.ofMinutes(MINUTES) : Duration.ofSeconds(20);
    String title = "TenMinutesTest: -Dmsk.days.minutes=" + MINUTES + " -Dmsk.days.seed=" + SEED;
    System.out.println(title);
    runs.add(consul());
    if (isLong) {
      runs.add(eureka());
    }

    try {
      runAll(time);
    } finally {
      write(title);
    }

    assertThat(runs).allSatisfy(run -> {
      assertThat(run.timeline().failures()).as("seed " + SEED).isEmpty();
      assertThat(run.timeline().calls())
          .isGreaterThan((int) time.toSeconds() * CALLS_PER_SECOND * 9 / 10);
      assertThat(run.faults()).containsOnlyKeys(RegistryChaos.Fault.values());
      assertThat(run.replaced()).isGreaterThanOrEqualTo(3);
    });
  }

  private void write(String title) throws IOException {
    for (RegistryChaos run : runs) {
      System.out.println("TenMinutesTest: " + run);
      run.timeline().write(RESULTS.resolve(run.timeline().name() + ".csv"));
    }
    List<Timeline> timelines = runs.stream().map(RegistryChaos::timeline).toList();
    Files.writeString(RESULTS.resolve("bad-days.svg"), TimelinePlot.of(title, timelines));
  }

  private void runAll(Duration time) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<CompletableFuture<Void>> all = runs.stream()
        .map(run -> {
          SplittableRandom own = random.split();
          return CompletableFuture.runAsync(
              () -> run(run, time, own),
              task -> new Thread(task, run.timeline().name() + "-faults").start());
        })
        .toList();
    CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .orTimeout(time.toSeconds() + 300, TimeUnit.SECONDS)
        .join();
  }

  private static void run(RegistryChaos run, Duration time, SplittableRandom random) {
    try {
      run.run(time, CALLS_PER_SECOND, random);
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  /** With queries of five seconds in place of 55, so that the age of the list shows how long it was not confirmed. */
  private static RegistryChaos consul() {
    return RegistryChaos.of(
        ConsulServer.builder().name("consul-days").start(),
        (address, workers) -> ConsulRegistry.builder(
                URI.create("http://" + address), workers.scheduler(), workers.executor())
            .wait(Duration.ofSeconds(5))
            .heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(30))
            .build());
  }

  private static RegistryChaos eureka() {
    return RegistryChaos.of(
        EurekaServer.builder().name("eureka-days").start(),
        (address, workers) -> EurekaRegistry.builder(
                List.of(URI.create("http://" + address + "/eureka")),
                workers.scheduler(),
                workers.executor())
            .refreshInterval(Duration.ofSeconds(2))
            .heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(30))
            .build());
  }
}
