package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Coordinators, and the bank that they call and send commands to, as processes that are killed with -9, and coordinators that are paused past
 * their lease: at random moments under a stream of transfers, and at every point of every kind of step. Every transfer ends, and the
 * total over both databases does not change.
 *
 * <p>{@code -Dmsk.crash.faults=300} for the long run, {@code -Dmsk.crash.seed} to repeat one.
 */
@WithServers
@Tag("crash")
final class KilledServicesTest {

  private static final int FAULTS = Integer.getInteger("msk.crash.faults", 5);
  private static final long SEED = Long.getLong("msk.crash.seed", System.nanoTime());
  /** A coordinator, a participant, a pause, and both killed at once, which is two of four, since it is two faults. */
  private static final int KINDS = 5;

  private static final Duration SHORT_LEASE = Duration.ofSeconds(2);
  /** What a coordinator has unless it is told otherwise. */
  private static final Duration LEASE = Duration.ofSeconds(10);

  private static final Duration PROMISE = Duration.ofSeconds(15);
  private static final String LIVE_NODES =
      "SELECT name FROM msk_lease WHERE name LIKE 'saga-node/%' AND owner IS NOT NULL"
          + " AND expires_at > clock_timestamp()";
  private static final String REPEATED_MOVES =
      "SELECT saga_id || ' ' || transition || ' ' || step FROM msk_saga_step WHERE transition IN"
          + " ('ADVANCE', 'PASS_PIVOT', 'COMPLETE', 'TURN_BACK', 'UNDO', 'FINISH_BACK')"
          + " GROUP BY saga_id, transition, step HAVING count(*) > 1";

  private final RandomGenerator random = new SplittableRandom(SEED);

  @AutoClose
  private final TransferServices services;

  private int coordinatorsKilled;
  private int banksKilled;
  private int paused;
  private int takenOver;
  private Duration longest = Duration.ZERO;

  KilledServicesTest(PostgresServer postgres) throws Exception {
    this.services = new TransferServices(postgres, random);
  }

  @Test
  void killsAndPauses_atRandomMoments_loseAndRepeatNothing() throws Exception {
    System.out.println(
        "KilledServicesTest: -Dmsk.crash.seed=" + SEED + " -Dmsk.crash.faults=" + FAULTS);
    try (ChildProcess bank0 = services.bank(0);
        ChildProcess bank1 = services.bank(1);
        ChildProcess one = services.coordinator(0, SHORT_LEASE);
        ChildProcess two = services.coordinator(1, SHORT_LEASE)) {
      for (int round = 0; faults() < FAULTS; round++) {
        services.beginUntilEnded(10 + random.nextInt(20));
        ChildProcess coordinator = random.nextBoolean() ? one : two;
        ChildProcess bank = random.nextBoolean() ? bank0 : bank1;
        switch (round < KINDS ? round : random.nextInt(KINDS)) {
          case 0 -> kill(coordinator);
          case 1 -> killBank(bank);
          case 2 -> pause(coordinator);
          default -> kill(coordinator, bank);
        }
      }
      services.begin(20);
      services.awaitAllEnded();
    }

    assertThat(services.violations()).as("seed " + SEED).isEmpty();
    assertThat(services.query(REPEATED_MOVES)).as("seed " + SEED).isEmpty();
    System.out.println("KilledServicesTest: -Dmsk.crash.seed=" + SEED + ", " + coordinatorsKilled
        + " coordinators and " + banksKilled + " participants killed, " + paused
        + " coordinators paused, " + services.sagas().size() + " transfers ("
        + ended(SagaStatus.COMPLETED) + " completed, " + ended(SagaStatus.COMPENSATED)
        + " compensated), 0 violations, " + takenOver
        + " sagas of dead nodes went on elsewhere, the last after "
        + longest.toMillis() + " ms (leases of " + SHORT_LEASE.toSeconds() + " s)");
  }

  @Test
  void deadNodesSagas_goOnElsewhere_within15SecondsByDefault() throws Exception {
    try (ChildProcess bank = services.bank(0);
        ChildProcess one = services.coordinator(0, LEASE);
        ChildProcess two = services.coordinator(1, LEASE)) {
      services.beginUntilEnded(10);
      TakeOver takeOver = killedAtWork(one);

      Duration took = takeOver.await();
      services.awaitAllEnded();

      assertThat(took).isBetween(Duration.ofMillis(1), PROMISE);
      System.out.println("KilledServicesTest: " + takeOver.size() + " sagas of a dead node went on"
          + " elsewhere within " + took.toMillis() + " ms (leases of " + LEASE.toSeconds() + " s)");
      assertThat(bank.isAlive()).isTrue();
      assertThat(two.isAlive()).isTrue();
    }
    assertThat(services.violations()).isEmpty();
  }

  @Test
  void death_atEachPointOfEachStep_losesAndRepeatsNothing() throws Exception {
    List<String> ofCoordinators = List.of(
        "good@in-debit",
        "good@before-credit",
        "good@after-credit",
        "good@in-fee",
        "good@in-confirm",
        "good@in-notice",
        "late@in-fee-undo",
        "late@before-credit-undo",
        "late@after-credit-undo",
        "declined@in-debit-undo");
    List<String> ofBanks = List.of(
        "good@bank-in-credit",
        "good@bank-after-credit",
        "good@bank-in-fee",
        "good@bank-after-fee",
        "good@bank-in-notice",
        "good@bank-after-notice",
        "late@bank-in-fee-undo",
        "late@bank-after-fee-undo",
        "late@bank-in-credit-undo",
        "late@bank-after-credit-undo");
    List<String> fates = new ArrayList<>(ofCoordinators);
    fates.addAll(ofBanks);
    Collections.shuffle(fates, new Random(SEED));
    try (ChildProcess bank = services.bank(0);
        ChildProcess coordinator = services.coordinator(0, SHORT_LEASE)) {
      for (String fate : fates) {
        ChildProcess victim = ofBanks.contains(fate) ? bank : coordinator;
        services.begin(fate);
        eventually(fate + ": dead", () -> !victim.isAlive());
        victim.restart();
        services.awaitAllEnded();
        assertThat(services.violations()).as(fate).isEmpty();
      }
    }

    assertThat(services.deaths()).isEqualTo(fates.size());
  }

  private int faults() {
    return coordinatorsKilled + banksKilled + paused;
  }

  private void kill(ChildProcess coordinator, ChildProcess... banks) throws Exception {
    TakeOver takeOver = killedAtWork(coordinator);
    for (ChildProcess bank : banks) {
      killBank(bank);
    }
    services.begin(20);
    Duration took = takeOver.await();
    coordinator.restart();
    coordinatorsKilled++;
    takenOver += takeOver.size();
    longest = took.compareTo(longest) > 0 ? took : longest;
  }

  private TakeOver killedAtWork(ChildProcess coordinator) throws Exception {
    String owned = "SELECT 1 FROM msk_saga WHERE owner = '" + coordinator.name() + "-"
        + coordinator.pid() + "'";
    eventually(coordinator.name() + " is at work", () -> {
      services.begin(5);
      return !services.query(owned).isEmpty();
    });
    return services.killed(coordinator);
  }

  private void killBank(ChildProcess bank) throws Exception {
    bank.kill();
    services.begin(20);
    bank.restart();
    banksKilled++;
  }

  private void pause(ChildProcess coordinator) throws Exception {
    coordinator.pause();
    services.begin(20);
    eventually("its lease runs out", () -> services.query(LIVE_NODES).size() == 1);
    services.beginUntilEnded(30);
    coordinator.resume();
    paused++;
  }

  private long ended(SagaStatus how) throws SQLException {
    return services.sagas().values().stream().filter(how::equals).count();
  }
}
