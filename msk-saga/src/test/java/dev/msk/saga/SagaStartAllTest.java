package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many sagas that are started at once: each is what it would be had it been started alone. */
@WithServers
final class SagaStartAllTest {

  private final SagaFixture fixture;

  SagaStartAllTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void eachIsStartedOnce_andRuns() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(order);
    UUID known = fixture.begin(sagas, order, "o-7");
    List<String> keys = IntStream.range(0, 1_200).mapToObj(i -> "o-" + i).toList();

    Map<String, SagaStart> started =
        fixture.transactor.call(tx -> sagas.startAll(tx, order, orders(keys)));

    assertThat(started.keySet()).containsExactlyElementsOf(keys);
    assertThat(started.get("o-7")).isEqualTo(new SagaStart(known, false));
    assertThat(started.values().stream().filter(SagaStart::isNew)).hasSize(1_199);
    eventually(
        "all completed",
        () -> fixture
            .query("SELECT count(*) FROM msk_saga WHERE status = 'COMPLETED'")
            .equals(List.of("1200")));
    assertThat(fixture.log).hasSize(1_200).doesNotHaveDuplicates();
  }

  @Test
  void aRollback_startsNone_andNoneStartsNothing() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(order);

    fixture.rolledBack(tx -> sagas.startAll(tx, order, orders(List.of("a", "b"))));
    Map<String, SagaStart> none =
        fixture.transactor.call(tx -> sagas.startAll(tx, order, Map.of()));

    assertThat(none).isEmpty();
    assertThat(fixture.query("SELECT 1 FROM msk_saga")).isEmpty();
    assertThat(fixture.log).isEmpty();
  }

  @Test
  void twoCallersWithTheSameKeys_neverWaitInACircle() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(order);
    List<String> keys =
        new ArrayList<>(IntStream.range(0, 1_500).mapToObj(i -> "o-" + i).toList());
    List<String> backwards = new ArrayList<>(keys);
    Collections.reverse(backwards);

    for (int round = 0; round < 5; round++) {
      String of = "r-" + round + "-";
      Future<?> other = fixture.executor.submit(() -> start(sagas, order, of, backwards));
      start(sagas, order, of, keys);
      other.get();
    }

    assertThat(fixture.query("SELECT count(*) FROM msk_saga")).containsExactly("7500");
  }

  @Test
  void aDefinitionWithATarget_startsOneAfterTheOther() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .lock(s -> "target", OnBusy.WAIT)
        .step("work")
        .localRun((tx, s) -> fixture.log.add(s.id()))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);

    Map<String, SagaStart> started =
        fixture.transactor.call(tx -> sagas.startAll(tx, order, orders(List.of("a", "b", "c"))));
    fixture.await(sagas, started.get("c").id(), SagaStatus.COMPLETED);

    assertThat(fixture.log).containsExactly("a", "b", "c");
  }

  @Test
  void whatStartRefuses_isRefused() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.coordinator(order).build();

    assertThatThrownBy(() ->
            fixture.transactor.run(tx -> sagas.startAll(tx, order, orders(List.of("a", "")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("businessKey: 0 characters (expected: 1 to 200, no U+0000)");
    try (Connection connection = fixture.database.getConnection()) {
      assertThatThrownBy(() -> sagas.startAll(connection, order, orders(List.of("a"))))
          .isInstanceOf(NoTransactionException.class);
    }
    assertThat(fixture.query("SELECT 1 FROM msk_saga")).isEmpty();
  }

  private void start(
      SagaCoordinator sagas, SagaDefinition<Order> order, String prefix, List<String> keys) {
    fixture.transactor.run(tx ->
        sagas.startAll(tx, order, orders(keys.stream().map(key -> prefix + key).toList())));
  }

  private SagaDefinition<Order> order() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("work")
        .remoteRun((call, s) -> fixture.log.add(s.id()))
        .withoutCompensation()
        .build();
  }

  private static Map<String, Order> orders(List<String> keys) {
    Map<String, Order> orders = new LinkedHashMap<>();
    keys.forEach(key -> orders.put(key, new Order(key, 1, List.of())));
    return orders;
  }
}
