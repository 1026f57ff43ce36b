package dev.msk.security.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.localservers.PostgresServer;
import dev.msk.security.ApiKey;
import dev.msk.security.ApiKeys;
import dev.msk.security.ApiKeys.Issue.Issued;
import dev.msk.security.ApiKeys.Issue.NotIssued;
import dev.msk.security.RequestBinding;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.jdbc.CrashingDatabase.Crash;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The process dies right before and right after each statement and commit of what it does with a key; then the key is there, or it is not, and
 * another process goes on. {@code -Dmsk.crash.faults} kills more processes at random moments, {@code -Dmsk.crash.seed} repeats a run.
 */
@Timeout(600)
final class ApiKeyCrashTest {

  private static final Duration LIFE = Duration.ofDays(90);
  private static final Set<String> SCOPES = Set.of("orders:read", "orders:write");
  private static final int FAULTS = Integer.getInteger("msk.crash.faults", 4);
  private static final PostgresServer SERVER = PostgresServer.start();
  private static final String URL = SERVER.newDatabase();
  private static final PGSimpleDataSource DATABASE = new PGSimpleDataSource();

  private final ApiKeys successor = keys(DATABASE);
  private int owners;

  @BeforeAll
  static void install() {
    DATABASE.setUrl(URL);
    SchemaInstaller.of(DATABASE).install(SecuritySchema.scripts());
  }

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  @Test
  void issuer_dies() {
    String counted = owner();
    int steps = stepsOf(keys -> issued(keys, counted));

    eachStep(steps, (step, victim) -> {
      String owner = owner();
      crash(victim, keys -> issued(keys, owner));

      List<ApiKey> kept = successor.list(owner);
      assertThat(kept)
          .as(step)
          .hasSizeLessThanOrEqualTo(1)
          .allSatisfy(ApiKeyCrashTest::assertWhole);
      assertThat(kept).as(step).hasSize(isLast(step, steps) ? 1 : 0);
      issued(successor, owner);
      assertThat(successor.issue(owner, SCOPES, LIFE) instanceof Issued)
          .as(step)
          .isEqualTo(kept.isEmpty());
      kept.forEach(key -> assertThat(successor.revoke(key.id())).isTrue());
    });
  }

  @Test
  void rotator_dies() {
    Issued counted = issued(successor, owner());
    int steps = stepsOf(keys -> keys.rotate(counted.key().id(), Duration.ofHours(1)));

    eachStep(steps, (step, victim) -> {
      String owner = owner();
      Issued old = issued(successor, owner);
      crash(victim, keys -> keys.rotate(old.key().id(), Duration.ofHours(1)));

      List<ApiKey> kept = successor.list(owner);
      assertThat(kept).as(step).hasSize(isLast(step, steps) ? 2 : 1);
      ApiKey first =
          kept.stream().filter(key -> key.id().equals(old.key().id())).findAny().get();
      if (kept.size() == 2) {
        assertThat(Duration.between(first.createdAt(), first.expiresAt()))
            .as(step)
            .isLessThan(Duration.ofHours(2));
        ApiKey second =
            kept.stream().filter(key -> !key.equals(first)).findAny().get();
        assertWhole(second);
        assertThat(successor.rotate(old.key().id(), Duration.ZERO)).isEqualTo(NotIssued.TWO_ACTIVE);
        assertThat(successor.revoke(second.id())).isTrue();
      } else {
        assertThat(first).as(step).isEqualTo(old.key());
      }
      assertThat(successor.verify(old.value(), RequestBinding.none()))
          .as(step)
          .isInstanceOf(Verified.class);
      assertThat(successor.rotate(old.key().id(), Duration.ofHours(1)))
          .as(step)
          .isInstanceOf(Issued.class);
    });
  }

  @Test
  void revoker_dies() {
    Issued counted = issued(successor, owner());
    int steps = stepsOf(keys -> keys.revoke(counted.key().id()));

    eachStep(steps, (step, victim) -> {
      Issued key = issued(successor, owner());
      crash(victim, keys -> keys.revoke(key.key().id()));

      boolean taken = successor.verify(key.value(), RequestBinding.none()) instanceof Verified;
      assertThat(taken).as(step).isEqualTo(!isLast(step, steps));
      assertThat(successor.revoke(key.key().id())).as(step).isEqualTo(taken);
      assertRefused(key.value());
    });
  }

  @Test
  void purger_dies() {
    int steps = stepsOf(keys -> keys.purge(LIFE, 10));

    eachStep(steps, (step, victim) -> {
      String owner = owner();
      Issued live = issued(successor, owner);
      Issued ended = issued(successor, owner);
      successor.revoke(ended.key().id());
      crash(victim, keys -> keys.purge(Duration.ofDays(-1), 1_000));

      assertThat(successor.list(owner)).as(step).hasSize(isLast(step, steps) ? 1 : 2);
      assertThat(successor.verify(live.value(), RequestBinding.none()))
          .isInstanceOf(Verified.class);
      assertRefused(ended.value());
    });
  }

  @Test
  void processesThatAreKilled_leaveNoKeyHalfThere() throws Exception {
    long seed = Long.getLong("msk.crash.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> told = new ArrayList<>();
    for (int round = 0; round < FAULTS; round++) {
      told.addAll(lifeOfAProcess("killed-" + round, random.nextInt(400)));
    }

    List<ApiKey> all = new ArrayList<>();
    for (int round = 0; round < FAULTS; round++) {
      for (int i = 0; ; i++) {
        List<ApiKey> of = successor.list("killed-" + round + "-" + i);
        if (of.isEmpty()) {
          break;
        }
        assertThat(of).as("seed %d", seed).hasSizeLessThanOrEqualTo(2);
        boolean endsEarly = of.stream().anyMatch(key -> lifeOf(key).compareTo(LIFE) < 0);
        assertThat(endsEarly).as("seed %d: %s", seed, of).isEqualTo(of.size() == 2);
        all.addAll(of);
      }
    }
    System.out.printf(
        "ApiKeyCrashTest: -Dmsk.crash.seed=%d, %d processes killed, %d keys%n",
        seed, FAULTS, all.size());
    assertThat(all).as("seed %d", seed).hasSizeGreaterThan(FAULTS);
    assertThat(told).as("seed %d", seed).isNotEmpty();
    for (String line : told) {
      String[] words = line.split(" ", -1);
      boolean taken = successor.verify(words[2], RequestBinding.none()) instanceof Verified;
      boolean revoked = all.stream()
          .anyMatch(key -> key.id().equals(words[1]) && key.revokedAt().isPresent());
      assertThat(taken).as("seed %d: %s", seed, line).isEqualTo(!revoked);
      assertThat(words[0].equals("revoked") && !revoked)
          .as("seed %d: %s", seed, line)
          .isFalse();
    }
  }

  /** What a process has said until it was killed, after its first words and some milliseconds. */
  private static List<String> lifeOfAProcess(String owner, int millis) throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ApiKeyProcess.class.getName(),
            URL,
            owner)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    List<String> told = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      String first = out.readLine();
      assertThat(first).as("the first words of a process").startsWith("issued ");
      told.add(first);
      process.waitFor(millis, TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        told.add(line);
      }
    }
    // The last line may be cut.
    String last = told.get(told.size() - 1);
    if (told.size() > 1 && !last.matches("(issued|revoked) \\S+ shop_\\S{60,}")) {
      told.remove(told.size() - 1);
    }
    return told;
  }

  private void eachStep(int steps, Death death) {
    assertThat(steps).isPositive();
    for (int step = 1; step <= steps; step++) {
      death.at("before " + step, CrashingDatabase.dyingAt(DATABASE, step, false));
      death.at("after " + step, CrashingDatabase.dyingAt(DATABASE, step, true));
    }
  }

  /** Whether what was done is committed. */
  private static boolean isLast(String step, int steps) {
    return step.equals("after " + steps);
  }

  private static int stepsOf(Consumer<ApiKeys> work) {
    CrashingDatabase database = CrashingDatabase.counting(DATABASE);
    work.accept(keys(database.dataSource()));
    return database.steps();
  }

  private static void crash(CrashingDatabase victim, Consumer<ApiKeys> work) {
    assertThatThrownBy(() -> work.accept(keys(victim.dataSource()))).isInstanceOf(Crash.class);
    assertThat(victim.isDead()).isTrue();
  }

  private String owner() {
    return "owner-" + getClass().hashCode() + "-" + System.nanoTime() + "-" + owners++;
  }

  private static Issued issued(ApiKeys keys, String owner) {
    return (Issued) keys.issue(owner, SCOPES, LIFE);
  }

  private static void assertWhole(ApiKey key) {
    assertThat(key.scopes()).isEqualTo(SCOPES);
    assertThat(lifeOf(key)).isEqualTo(LIFE);
    assertThat(key.revokedAt()).isEmpty();
  }

  private static Duration lifeOf(ApiKey key) {
    return Duration.between(key.createdAt(), key.expiresAt());
  }

  private void assertRefused(String value) {
    assertThat(successor.verify(value, RequestBinding.none()))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).isIn(Reason.REVOKED, Reason.KEY_UNKNOWN));
  }

  private static ApiKeys keys(DataSource database) {
    return ApiKeys.builder("shop", JdbcApiKeyStore.of(database)).build();
  }

  private interface Death {
    void at(String step, CrashingDatabase victim);
  }
}
