package dev.msk.saga.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaStep;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules of crashes, pauses and broken connections over definitions made by chance: every saga ends as it should.
 *
 * <p>3,333 schedules for each fault of {@code -Dmsk.crash.faults}: a million with 300. {@code -Dmsk.simulation.seed} to replay one.
 */
final class SimulationTest {

  private static final long SCHEDULES = 3_334L * Integer.getInteger("msk.crash.faults", 2);
  private static final long SEED = Long.getLong("msk.simulation.seed", System.nanoTime());
  private static final int UNTIL_CAUGHT = 20_000;
  private static final int ARROWS = SagaTransition.values().length;

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
    for (long schedule = 0; schedule < SCHEDULES; schedule++) {
      long seed = SEED + schedule;
      try {
        sound(seed).run();
      } catch (Throwable violation) {
        throw new AssertionError(
            "-Dmsk.simulation.seed=" + seed + ": " + violation.getMessage(), violation);
      }
    }
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
