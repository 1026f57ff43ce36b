package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What becomes of sagas when their node is paused, closed, cut off, or too old for them. */
@WithServers
final class SagaNodesTest {

  private static final Duration TTL = Duration.ofMillis(600);

  private final PostgresServer postgres;
  private final SagaFixture fixture;
  private final List<String> log;
  private final CountDownLatch release = new CountDownLatch(1);

  SagaNodesTest(PostgresServer postgres) {
    this.postgres = postgres;
    this.fixture = new SagaFixture(postgres);
    this.log = fixture.log;
  }

  @AfterEach
  void close() throws InterruptedException {
    release.countDown();
    fixture.close();
  }

  @Test
  void nodeThatLosesItsLease_inTheMiddleOfACall_canWriteNothing() throws Exception {
    CountDownLatch returned = new CountDownLatch(1);
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remote((call, s) -> {
          log.add(call.idempotencyKey());
          if (log.size() == 1) {
            release.await();
            returned.countDown();
            return "the first call";
          }
          return "the second call";
        })
        .apply(Order::with)
        .timeout(Duration.ofMinutes(5))
        .withoutCompensation()
        .build();
    SagaCoordinator first = fixture.start(fixture.coordinator(fixture.tracked, TTL, order));
    UUID id = fixture.begin(first, order, "o-1");
    eventually("called", () -> log.size() == 1);

    fixture.execute("UPDATE msk_lease SET expires_at = clock_timestamp() WHERE owner IS NOT NULL");
    SagaCoordinator second = fixture.start(fixture.coordinator(fixture.tracked, TTL, order));
    SagaSnapshot ended = fixture.await(second, id, SagaStatus.COMPLETED);
    release.countDown();
    assertThat(returned.await(60, TimeUnit.SECONDS)).isTrue();
    first.close();

    assertThat(log).containsExactly(id + "/charge", id + "/charge");
    assertThat(fixture.state(ended).path()).containsExactly("the second call");
    assertThat(fixture.transitions(second, id))
        .containsExactly(SagaTransition.START, SagaTransition.COMPLETE);
    assertThat(fixture.state(second.find(id).orElseThrow()).path())
        .containsExactly("the second call");
  }

  @Test
  void close_finishesTheAttempt_andHandsTheSagaBack() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("one")
        .remoteRun((call, s) -> {
          log.add("one");
          release.await();
        })
        .withoutCompensation()
        .step("two")
        .remoteRun((call, s) -> log.add("two"))
        .withoutCompensation()
        .build();
    SagaCoordinator first = fixture.start(order);
    UUID id = fixture.begin(first, order, "o-1");
    eventually("called", () -> log.size() == 1);

    Future<?> closing = fixture.executor.submit(first::close);
    fixture.executor.execute(release::countDown);
    closing.get(60, TimeUnit.SECONDS);

    SagaSnapshot handedBack = first.find(id).orElseThrow();
    assertThat(handedBack.status()).isIn(SagaStatus.RUNNING, SagaStatus.COMPLETED);
    assertThat(fixture.query("SELECT id FROM msk_saga WHERE epoch IS NOT NULL")).isEmpty();
    SagaCoordinator second = fixture.start(order);
    fixture.await(second, id, SagaStatus.COMPLETED);
    assertThat(log).containsExactly("one", "two");
  }

  @Test
  void databaseThatIsAway_betweenTheEffectAndTheWrite_isWaitedFor() throws Exception {
    try (TcpProxy proxy = TcpProxy.to("127.0.0.1", postgres.port())) {
      PGSimpleDataSource throughProxy = new PGSimpleDataSource();
      throughProxy.setUrl(
          fixture.database.getURL().replace(":" + postgres.port() + "/", ":" + proxy.port() + "/"));
      throughProxy.setUser(postgres.username());
      SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
          .step("charge")
          .remoteRun((call, s) -> {
            log.add("charge");
            proxy.cut();
          })
          .withoutCompensation()
          .step("insert")
          .localRun((tx, s) -> log.add("insert"))
          .withoutCompensation()
          .build();
      SagaCoordinator sagas =
          fixture.start(fixture.coordinator(throughProxy, Duration.ofSeconds(10), order));
      SagaCoordinator direct = fixture.coordinator(order).build();

      UUID id = fixture.begin(direct, order, "o-1");
      eventually("called", () -> log.size() == 1);
      proxy.restore();
      fixture.await(direct, id, SagaStatus.COMPLETED);
      sagas.close();

      assertThat(log).containsExactly("charge", "insert");
    }
  }

  @Test
  void sagaOfAClaimWhoseCommitGotNoAnswer_isFoundAgain() throws Exception {
    SagaDefinition<Order> order = version(1);
    SagaCoordinator sagas = fixture.start(fixture.coordinator(fixture.tracked, TTL, order));
    eventually(
        "leased",
        () -> fixture.query("SELECT 1 FROM msk_lease WHERE owner IS NOT NULL").contains("1"));

    fixture.transactor.run(tx -> {
      sagas.start(tx, order, "o-1", new Order("o-1", 1, List.of()));
      try (Statement claim = tx.createStatement()) {
        claim.execute("UPDATE msk_saga SET owner = 'forgetful',"
            + " epoch = (SELECT epoch FROM msk_lease WHERE owner IS NOT NULL)");
      }
    });

    UUID id = sagas.find("order", "o-1").orElseThrow().id();
    fixture.await(sagas, id, SagaStatus.COMPLETED);
    assertThat(log).containsExactly("v1 o-1");
  }

  @Test
  void sagaOfAnUnregisteredVersion_waitsForANodeThatKnowsIt() throws Exception {
    SagaDefinition<Order> old = version(1);
    SagaDefinition<Order> young = version(2);
    SagaCoordinator starter = fixture.coordinator(old, young).build();
    UUID unknown = fixture.begin(starter, young, "young");
    UUID known = fixture.begin(starter, old, "old");

    SagaCoordinator oldNode = fixture.start(old);
    fixture.await(oldNode, known, SagaStatus.COMPLETED);
    assertThat(oldNode.find(unknown).orElseThrow().status()).isEqualTo(SagaStatus.RUNNING);

    SagaCoordinator newNode = fixture.start(old, young);
    fixture.await(newNode, unknown, SagaStatus.COMPLETED);
    assertThat(log).containsExactly("v1 old", "v2 young");
  }

  @Test
  void sagaThatTakesItsNodeWithIt_againAndAgain_isTurnedBack() throws Exception {
    SagaDefinition<Order> order = version(1);
    SagaCoordinator starter = fixture.coordinator(order).build();
    UUID id = fixture.begin(starter, order, "o-1");
    fixture.execute("UPDATE msk_saga SET crashes = 5");

    SagaCoordinator sagas = fixture.start(order);
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(log).isEmpty();
    assertThat(fixture.transitions(sagas, id))
        .containsExactly(
            SagaTransition.START, SagaTransition.TURN_BACK, SagaTransition.FINISH_BACK);
    assertThat(ended.error()).hasValueSatisfying(why -> assertThat(why).contains("lost 5 times"));
  }

  @Test
  void close_twice_andOfACoordinatorThatNeverStarted_doesNothing() {
    SagaCoordinator never = fixture.coordinator(version(1)).build();
    never.close();
    SagaCoordinator sagas = fixture.start(version(1));
    sagas.close();
    sagas.close();
  }

  private SagaDefinition<Order> version(int version) {
    return SagaDefinition.builder("order", version, Order.class)
        .step("run-v" + version)
        .localRun((tx, s) -> log.add("v" + version + " " + s.id()))
        .withoutCompensation()
        .build();
  }
}
