package dev.msk.saga.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaStep;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules of crashes, pauses and broken connections over definitions made by chance: every saga ends as it should.
 *
 * <p>{@code -Dmsk.saga.schedules} says how many: a million under {@code -Pchaos}. {@code -Dmsk.simulation.seed} to replay one.
 */
final class SimulationTest {

  private static final long SCHEDULES = Long.getLong("msk.saga.schedules", 10_000);
  private static final long SEED = Long.getLong("msk.simulation.seed", System.nanoTime());
  private static final int UNTIL_CAUGHT = 20_000;
  private static final int ARROWS = SagaTransition.values().length;

  private static final Pattern IDENTITY = Pattern.compile("\\[B@[0-9a-f]+");

  private final PrintStream err = System.err;

  @BeforeEach
  void mute() {
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  @AfterEach
  void unmute() {
    System.setErr(err);
  }

  @Test
  void schedules_violateNothing() {
    Map<SagaTransition, Long> arrows = new EnumMap<>(SagaTransition.class);
    for (long schedule = 0; schedule < SCHEDULES; schedule++) {
      long seed = SEED + schedule;
      try {
        sound(seed).run().forEach(line -> arrows.merge(line.transition(), 1L, Long::sum));
      } catch (Throwable violation) {
        throw new AssertionError(
            "-Dmsk.simulation.seed=" + seed + ": " + violation.getMessage(), violation);
      }
    }
    System.out.println("SimulationTest: " + SCHEDULES + " crash schedules from seed " + SEED
        + ", 0 violations, "
        + arrows.values().stream().mapToLong(Long::longValue).sum()
        + " arrows: " + arrows);
  }

  @Test
  void everyArrow_isTaken() {
    Set<SagaTransition> taken = EnumSet.noneOf(SagaTransition.class);
    for (long seed = 0; seed < UNTIL_CAUGHT && taken.size() < ARROWS; seed++) {
      sound(seed).run().forEach(line -> taken.add(line.transition()));
    }

    assertThat(taken).containsExactlyInAnyOrder(SagaTransition.values());
  }

  @Test
  void seed_replaysItsSchedule() {
    for (long seed = SEED; seed < SEED + 200; seed++) {
      List<SagaStep> first = sound(seed).run();

      assertThat(sound(seed).run()).isEqualTo(first);
    }
  }

  @Test
  void failingSeed_failsAgainInTheSameWay() {
    PlantedFault fault = PlantedFault.COMPENSATION_SKIPPED;
    long seed = SEED;
    while (!violates(fault, seed)) {
      seed++;
    }

    assertThat(violation(fault, seed)).isEqualTo(violation(fault, seed)).contains("journal");
  }

  @ParameterizedTest
  @EnumSource
  void plantedFault_isCaught(PlantedFault fault) {
    for (long seed = 0; seed < UNTIL_CAUGHT; seed++) {
      if (violates(fault, seed)) {
        return;
      }
    }
    throw new AssertionError(fault + ": not caught in " + UNTIL_CAUGHT + " schedules");
  }

  private static String violation(PlantedFault fault, long seed) {
    AssertionError violation =
        catchThrowableOfType(AssertionError.class, () -> fault.simulation(seed).run());
    return IDENTITY.matcher(violation.getMessage()).replaceAll("bytes");
  }

  private static boolean violates(PlantedFault fault, long seed) {
    try {
      fault.simulation(seed).run();
      return false;
    } catch (AssertionError caught) {
      return true;
    }
  }

  private static Simulation sound(long seed) {
    return new Simulation(seed, (simulation, store) -> store, false);
  }
}
