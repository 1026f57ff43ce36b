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
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Whoever works on a key dies right before and right after each statement and commit, and its connection with it; then the key is there, or it is
 * not, and another one goes on.
 */
@Timeout(600)
final class ApiKeyCrashTest {

  private static final Duration LIFE = Duration.ofDays(90);
  private static final Set<String> SCOPES = Set.of("orders:read", "orders:write");
  private static final PostgresServer SERVER = PostgresServer.start();
  private static final PGSimpleDataSource DATABASE = new PGSimpleDataSource();

  private final ApiKeys successor = keys(DATABASE);
  private int owners;

  @BeforeAll
  static void install() {
    DATABASE.setUrl(SERVER.newDatabase());
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
