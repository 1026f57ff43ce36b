package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.TrackedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a fence does on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LeaseFenceContract {

  private final Engine engine;
  private final TrackedDataSource database;
  private final Transactor transactor;
  private final Leases a;
  private final Leases b;

  LeaseFenceContract(Engine engine) {
    this.engine = engine;
    this.database = engine.create();
    this.transactor = Transactor.of(database);
    this.a = Leases.builder(database, "a").build();
    this.b = Leases.builder(database, "b").build();
    SchemaInstaller.of(database).install(CoreSchema.scripts());
    TestDatabase.execute(database, "CREATE TABLE written (id int)");
    TestDatabase.execute(database, "CREATE TABLE guard (last_epoch bigint)");
    TestDatabase.execute(database, "INSERT INTO guard VALUES (0)");
  }

  @BeforeEach
  void empty() {
    engine.forgetLeases(database);
    TestDatabase.execute(database, "DELETE FROM written");
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Test
  void fence_held_isTrue() {
    Lease held = a.tryAcquire("job").orElseThrow();

    assertThat(transactor.<Boolean, RuntimeException>call(held::fence)).isTrue();
  }

  @Test
  void fence_ofAnOwnerThatWasPausedPastItsLease_isFalse() {
    Lease paused = a.tryAcquire("job").orElseThrow();
    expire();
    assertThat(fence(paused)).as("expired, but nobody took it").isTrue();
    Lease next = b.tryAcquire("job").orElseThrow();

    assertThat(fence(paused)).isFalse();
    assertThat(fence(next)).isTrue();
  }

  @Test
  void fence_ofAnEarlierLeaseOfTheSameOwner_isFalse() {
    Lease first = a.tryAcquire("job").orElseThrow();
    Lease second = a.tryAcquire("job").orElseThrow();

    assertThat(fence(first)).isFalse();
    assertThat(fence(second)).isTrue();
  }

  @Test
  void fence_released_isFalse() {
    Lease released = a.tryAcquire("job").orElseThrow();
    a.release(List.of(released));

    assertThat(fence(released)).isFalse();
  }

  @Test
  void fence_keepsOthersOut_untilTheTransactionEnds() {
    Lease held = a.tryAcquire("job").orElseThrow();
    expire();

    transactor.run(tx -> {
      assertThat(held.fence(tx)).isTrue();
      assertThat(b.tryAcquire("job")).as("while fenced").isEmpty();
      assertThat(b.tryAcquire(List.of("job", "other"), 2))
          .extracting(Lease::name)
          .containsExactly("other");
      insert(tx);
    });

    assertThat(b.tryAcquire("job")).as("after the commit").isPresent();
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM written")).isOne();
  }

  @Test
  void fence_doesNotHinderRenewalOrRelease() {
    Lease held = a.tryAcquire("job").orElseThrow();

    transactor.run(tx -> {
      assertThat(held.fence(tx)).isTrue();
      assertThat(a.renew(List.of(held))).hasSize(1);
      a.release(List.of(held));
      assertThat(b.tryAcquire("job")).as("while fenced").isEmpty();
    });

    assertThat(b.tryAcquire("job")).isPresent();
  }

  @Test
  void forget_skipsWhatIsFenced() {
    Lease held = a.tryAcquire("job").orElseThrow();
    expire();

    transactor.run(tx -> {
      assertThat(held.fence(tx)).isTrue();
      assertThat(a.forget("job", Duration.ZERO)).isZero();
    });

    assertThat(a.forget("job", Duration.ZERO)).isOne();
  }

  /** Owners take the name from one another while they write; a write of an older epoch after one of a newer is the fault. */
  @Test
  void fence_underContention_letsNoOldEpochWriteAfterANewOne() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Writes>> owners = Stream.of("a", "b", "c", "d")
          .map(owner -> (Callable<Writes>) () -> write(owner, 20))
          .toList();

      int written = 0;
      int fenced = 0;
      for (Future<Writes> owner : executor.invokeAll(owners)) {
        written += owner.get().written();
        fenced += owner.get().fenced();
      }

      assertThat(written).as("writes").isPositive();
      assertThat(fenced).as("writes that were fenced off").isPositive();
    } finally {
      executor.shutdownNow();
    }
  }

  private record Writes(int written, int fenced) {}

  private Writes write(String owner, int rounds) {
    Transactor own = Transactor.of(database);
    Leases leases = Leases.builder(database, owner).build();
    int written = 0;
    int fenced = 0;
    Optional<Lease> lease = Optional.empty();
    int round = 0;
    while (round < rounds) {
      // Every other round goes on with the lease of the round before, which somebody may have
      // taken.
      lease = lease.isPresent() && round % 2 == 1 ? lease : leases.tryAcquire("job");
      if (lease.isEmpty()) {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(5_000_000));
        continue;
      }
      Lease held = lease.get();
      boolean wrote = own.call(tx -> held.fence(tx) && expireAndWrite(tx, held.epoch()));
      written += wrote ? 1 : 0;
      fenced += wrote ? 0 : 1;
      round++;
    }
    return new Writes(written, fenced);
  }

  /** Whoever is not kept out by the fence acquires the name and writes in the time between. */
  private boolean expireAndWrite(Connection tx, long epoch) throws SQLException {
    expire();
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(10_000_000));
    try (var update =
        tx.prepareStatement("UPDATE guard SET last_epoch = ? WHERE last_epoch <= ?")) {
      update.setLong(1, epoch);
      update.setLong(2, epoch);
      if (update.executeUpdate() == 0) {
        throw new AssertionError("epoch " + epoch + " wrote after a newer one");
      }
      return true;
    }
  }

  @Test
  void fence_outsideATransaction_isRefused() throws SQLException {
    Lease held = a.tryAcquire("job").orElseThrow();

    try (Connection connection = database.getConnection()) {
      assertThatThrownBy(() -> held.fence(connection)).isInstanceOf(NoTransactionException.class);
    }
  }

  private boolean fence(Lease lease) {
    return transactor.<Boolean, RuntimeException>call(lease::fence);
  }

  private static void insert(Connection tx) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.executeUpdate("INSERT INTO written VALUES (1)");
    }
  }

  private void expire() {
    engine.expire(database, "job");
  }
}
