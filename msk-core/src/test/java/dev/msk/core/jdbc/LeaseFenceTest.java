package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.TrackedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseFenceTest {

  private static final TrackedDataSource DATABASE = TestDatabase.create();

  private final Transactor transactor = Transactor.of(DATABASE);
  private final Leases a = Leases.builder(DATABASE, "a").build();
  private final Leases b = Leases.builder(DATABASE, "b").build();

  @BeforeAll
  static void install() {
    SchemaInstaller.of(DATABASE).install(CoreSchema.scripts());
    TestDatabase.execute(DATABASE, "CREATE TABLE work (id int)");
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(DATABASE, "TRUNCATE msk_lease, work");
  }

  @AfterEach
  void noLeak() {
    DATABASE.assertNoneOpen();
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
    assertThat(TestDatabase.count(DATABASE, "SELECT count(*) FROM work")).isOne();
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

  @Test
  void fence_outsideATransaction_isRefused() throws SQLException {
    Lease held = a.tryAcquire("job").orElseThrow();

    try (Connection connection = DATABASE.getConnection()) {
      assertThatThrownBy(() -> held.fence(connection)).isInstanceOf(NoTransactionException.class);
    }
  }

  private boolean fence(Lease lease) {
    return transactor.<Boolean, RuntimeException>call(lease::fence);
  }

  private static void insert(Connection tx) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.executeUpdate("INSERT INTO work VALUES (1)");
    }
  }

  private static void expire() {
    TestDatabase.execute(
        DATABASE, "UPDATE msk_lease SET expires_at = clock_timestamp() WHERE name = 'job'");
  }
}
