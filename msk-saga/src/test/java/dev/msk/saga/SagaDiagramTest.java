package dev.msk.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithServers
final class SagaDiagramTest {

  private static final String WAY = """
      flowchart TD
        start([order v1])
        start --> s0[reserve]
        s0 --> s1[check]
        s1 --> s2{{confirm}}
        s2 --> s3[mail]
        s3 --> completed([COMPLETED])
        u0[undo reserve] -.-> compensated([COMPENSATED])
        s0 -.-> u0
      """;

  private final SagaFixture fixture;

  SagaDiagramTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void definition_isDrawnWithItsWayBack() {
    assertThat(order(Outcome.done("ok")).toMermaid()).isEqualTo(WAY);
  }

  @Test
  void saga_isDrawnWithItsPath() throws Exception {
    SagaDefinition<Order> order = order(Outcome.rejected("no"));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);

    String drawn = sagas.admin().toMermaid(id);

    assertThat(drawn).startsWith(WAY);
    assertThat(drawn)
        .contains("\n  class s0,u0 passed\n", "\n  class compensated here\n")
        .containsPattern("%% 2 \\S+ TURN_BACK check attempt 1: no\n");
  }

  @Test
  void saga_ofAnUnregisteredDefinition_orOfNone_cannotBeDrawn() {
    SagaDefinition<Order> order = order(Outcome.done("ok"));
    UUID id = fixture.begin(fixture.coordinator(order).build(), order, "o-1");
    SagaAdmin stranger = fixture
        .coordinator(SagaDefinition.builder("another", 1, Order.class)
            .step("one")
            .localRun((tx, s) -> {})
            .withoutCompensation()
            .build())
        .build()
        .admin();

    assertThatThrownBy(() -> stranger.toMermaid(id))
        .isInstanceOf(SagaConflictException.class)
        .hasMessage("drawing order v1 o-1 (expected: definition registered here)");
    assertThatThrownBy(() -> stranger.toMermaid(new UUID(0, 0)))
        .isInstanceOf(UnknownSagaException.class);
  }

  private static SagaDefinition<Order> order(Outcome<String> check) {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .step("check")
        .remoteOutcome((call, s) -> check)
        .withoutCompensation()
        .pivot("confirm")
        .localRun((tx, s) -> {})
        .step("mail")
        .remoteRun((call, s) -> {})
        .build();
  }
}
