package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.TrackedDataSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What leases do on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LeasesContract {

  private static final Duration TTL = Duration.ofSeconds(10);

  private final Engine engine;
  private final TrackedDataSource database;
  private ManualTime time = ManualTime.create();
  private Leases a;
  private Leases b;

  LeasesContract(Engine engine) {
    this.engine = engine;
    this.database = engine.create();
    SchemaInstaller.of(database).install(CoreSchema.scripts());
    a = leases("a");
    b = leases("b");
  }

  @BeforeEach
  void empty() {
    engine.forgetLeases(database);
    time = ManualTime.create();
    a = leases("a");
    b = leases("b");
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Test
  void tryAcquire_heldByAnother_isEmpty() {
    Lease held = a.tryAcquire("job").orElseThrow();

    assertThat(b.tryAcquire("job")).isEmpty();
    assertThat(held.name()).isEqualTo("job");
    assertThat(held.owner()).isEqualTo("a");
    assertThat(held.remaining()).isEqualTo(TTL);
  }

  @Test
  void tryAcquire_byTheSameOwner_hasANewEpochAndEndsTheOldLease() {
    Lease first = a.tryAcquire("job").orElseThrow();

    Lease second = leases("a").tryAcquire("job").orElseThrow();

    assertThat(second.epoch()).isGreaterThan(first.epoch());
    assertThat(a.renew(List.of(first))).isEmpty();
    assertThat(a.renew(List.of(second))).hasSize(1);
  }

  @Test
  void tryAcquire_afterRelease_hasAGreaterEpoch() {
    Lease first = a.tryAcquire("job").orElseThrow();
    a.release(List.of(first));

    Lease second = b.tryAcquire("job").orElseThrow();

    assertThat(second.epoch()).isGreaterThan(first.epoch());
  }

  @Test
  void expiry_isByTheDatabasesClock_notByTheApplications() {
    Lease held = a.tryAcquire("job").orElseThrow();

    time.advance(Duration.ofDays(1));

    assertThat(held.isExpired()).isTrue();
    assertThat(b.tryAcquire("job")).isEmpty();
    assertThat(b.list("job").get(0).held()).isTrue();
  }

  @Test
  void expiry_inTheDatabase_letsAnotherIn_whileTheApplicationsClockStandsStill() {
    Leases quick =
        Leases.builder(database, "a").ttl(Duration.ofMillis(100)).ticker(time).build();
    Lease lost = quick.tryAcquire("job").orElseThrow();
    List<Lease> taken = new ArrayList<>();

    TestDatabase.await("the lease to expire", () -> {
      b.tryAcquire("job").ifPresent(taken::add);
      return !taken.isEmpty();
    });

    assertThat(taken.get(0).epoch()).isGreaterThan(lost.epoch());
    assertThat(quick.renew(List.of(lost))).isEmpty();
  }

  @Test
  void isExpired_countsFromBeforeTheDatabaseWasAsked() {
    TrackedDataSource slow = TrackedDataSource.of(
        new SlowDataSource(database, () -> time.advance(Duration.ofSeconds(4))));

    Lease lease = Leases.builder(slow, "a")
        .ttl(TTL)
        .ticker(time)
        .build()
        .tryAcquire("job")
        .orElseThrow();

    assertThat(lease.remaining()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void renew_held_keepsTheEpochAndMovesTheExpiry() {
    Lease held = a.tryAcquire("job").orElseThrow();
    LeaseState before = a.list("").get(0);
    time.advance(Duration.ofSeconds(3));

    Lease renewed = a.renew(List.of(held)).get(0);

    assertThat(renewed.epoch()).isEqualTo(held.epoch());
    assertThat(held.remaining()).isEqualTo(Duration.ofSeconds(7));
    assertThat(renewed.remaining()).isEqualTo(TTL);
    LeaseState after = a.list("").get(0);
    assertThat(after.expiresAt()).isAfter(before.expiresAt());
    assertThat(after.acquiredAt()).isEqualTo(before.acquiredAt());
  }

  @Test
  void renew_ofMany_returnsThoseStillHeld() {
    List<Lease> held = a.tryAcquire(List.of("p0", "p1", "p2"), 3);
    expire("p1");
    Lease taken = b.tryAcquire("p1").orElseThrow();

    assertThat(a.renew(held)).extracting(Lease::name).containsExactlyInAnyOrder("p0", "p2");
    assertThat(a.renew(List.of(taken))).as("of another owner").isEmpty();
    assertThat(a.renew(List.of())).isEmpty();
  }

  @Test
  void renew_afterExpiry_failsEvenIfNobodyTookIt() {
    Lease held = a.tryAcquire("job").orElseThrow();
    expire("job");

    assertThat(a.renew(List.of(held))).isEmpty();
    assertThat(a.tryAcquire("job").orElseThrow().epoch()).isGreaterThan(held.epoch());
  }

  @Test
  void tryAcquire_ofMany_takesTheFirstFreeOnesUpToTheLimit() {
    Lease busy = b.tryAcquire("p1").orElseThrow();
    assertThat(busy.owner()).isEqualTo("b");

    assertThat(a.tryAcquire(List.of("p3", "p1", "p2", "p0", "p3"), 2))
        .extracting(Lease::name)
        .containsExactlyInAnyOrder("p3", "p2");
    assertThat(b.tryAcquire(List.of("p3", "p2", "p0"), 9))
        .extracting(Lease::name)
        .containsExactly("p0");
    assertThat(b.tryAcquire(List.of("p0"), 0)).isEmpty();
    assertThat(b.tryAcquire(List.of(), 1)).isEmpty();
  }

  @Test
  void tryAcquire_fromEightThreads_hasOneWinnerPerName() throws Exception {
    List<String> names = IntStream.range(0, 16).mapToObj(i -> "p" + i).toList();
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 10; round++) {
        String table = engine.table("lease");
        TestDatabase.execute(
            database,
            round % 2 == 0 ? "DELETE FROM " + table : "UPDATE " + table + " SET owner = NULL");
        CyclicBarrier start = new CyclicBarrier(8);
        List<Callable<List<Lease>>> owners = IntStream.range(0, 8)
            .mapToObj(i -> (Callable<List<Lease>>) () -> {
              Leases own = leases("owner" + i);
              start.await();
              List<Lease> won = new ArrayList<>(own.tryAcquire(names, 16));
              own.tryAcquire("single").ifPresent(won::add);
              return won;
            })
            .toList();

        List<String> won = new ArrayList<>();
        for (Future<List<Lease>> owner : executor.invokeAll(owners)) {
          owner.get().forEach(lease -> won.add(lease.name()));
        }

        assertThat(won).doesNotHaveDuplicates().hasSize(17);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void release_keepsTheRow_andLeavesALostLeaseAlone() {
    Lease lost = a.tryAcquire("job").orElseThrow();
    expire("job");
    Lease held = b.tryAcquire("job").orElseThrow();

    a.release(List.of(lost));
    assertThat(a.list("job").get(0).held()).isTrue();

    b.release(List.of(held));
    LeaseState state = a.list("job").get(0);
    assertThat(state.held()).isFalse();
    assertThat(state.owner()).isEmpty();
    assertThat(state.epoch()).isEqualTo(held.epoch());
  }

  @Test
  void list_isByPrefixInOrder() {
    a.tryAcquire(List.of("relay/orders/1", "relay/orders/0", "relay_orders", "node/x"), 4);
    expire("relay/orders/1");

    assertThat(b.list("relay/"))
        .extracting(LeaseState::name)
        .containsExactly("relay/orders/0", "relay/orders/1");
    assertThat(b.list("relay/")).extracting(LeaseState::held).containsExactly(true, false);
    assertThat(b.list("relay/")).extracting(LeaseState::owner).containsOnly(Optional.of("a"));
    assertThat(b.list("%")).isEmpty();
    assertThat(b.list("")).hasSize(4);
  }

  @Test
  void list_isInTheOrderOfCodePoints_andNamesThatLookAlikeAreOthers() {
    List<String> names = List.of("a", "a ", "A", "\u00e4", "\uff5e", "\ud83d\uded2");
    assertThat(a.tryAcquire(names, names.size())).hasSize(names.size());

    assertThat(a.list(""))
        .extracting(LeaseState::name)
        .containsExactly("A", "a", "a ", "\u00e4", "\uff5e", "\ud83d\uded2");
    assertThat(b.tryAcquire("\u00c4")).isPresent();
  }

  @Test
  void list_hasTheTimesOfTheDatabasesClock() {
    Instant before = Instant.now().minusSeconds(5);
    assertThat(a.tryAcquire("job")).isPresent();

    LeaseState state = a.list("job").get(0);

    assertThat(state.acquiredAt()).isBetween(before, Instant.now().plusSeconds(5));
    assertThat(state.expiresAt()).isEqualTo(state.acquiredAt().plus(TTL));
  }

  @Test
  void list_leavesOutWhatNobodyHasHeld() {
    assertThat(a.tryAcquire(List.of("p0", "p1", "p2"), 1)).hasSize(1);

    assertThat(a.list("")).extracting(LeaseState::name).containsExactly("p0");
  }

  @Test
  void forget_deletesIdleRows_andEpochsStillGrow() {
    Lease first = a.tryAcquire("node/1").orElseThrow();
    assertThat(a.tryAcquire("node/2")).isPresent();
    TestDatabase.execute(
        database,
        "UPDATE " + engine.table("lease") + " SET expires_at = " + engine.clock()
            + " - INTERVAL '2' HOUR WHERE name = 'node/1'");

    assertThat(a.forget("node/", Duration.ofHours(1))).isOne();

    assertThat(a.list("node/")).extracting(LeaseState::name).containsExactly("node/2");
    assertThat(a.tryAcquire("node/1").orElseThrow().epoch()).isGreaterThan(first.epoch());
  }

  @Test
  void arguments_outOfBounds_areRefused() {
    assertThatThrownBy(() -> a.tryAcquire("x".repeat(201)))
        .hasMessage("name: 201 characters (expected: 1 to 200)");
    assertThatThrownBy(() -> a.tryAcquire(""))
        .hasMessage("name: 0 characters (expected: 1 to 200)");
    assertThatThrownBy(() -> a.tryAcquire("a\0b")).hasMessageStartingWith("name: contains U+0000");
    assertThatThrownBy(() -> a.tryAcquire(List.of("a"), -1))
        .hasMessage("atMost: -1 (expected: >= 0)");
    assertThatThrownBy(() -> Leases.builder(database, ""))
        .hasMessage("owner: 0 characters (expected: 1 to 200)");
    assertThatThrownBy(() -> Leases.builder(database, "a").ttl(Duration.ZERO).build())
        .hasMessage("ttl: PT0S (expected: PT0.1S to PT24H)");
    assertThat(a.tryAcquire("ü".repeat(200))).isPresent();
  }

  private Leases leases(String owner) {
    return Leases.builder(database, owner).ttl(TTL).ticker(time).build();
  }

  private void expire(String name) {
    engine.expire(database, name);
  }
}
