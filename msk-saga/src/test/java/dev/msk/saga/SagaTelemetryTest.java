package dev.msk.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.RecordedOperation;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Steps go on in the trace in which their saga was started, on whichever thread. */
@WithServers
final class SagaTelemetryTest {

  private final SagaFixture fixture;
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  SagaTelemetryTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void steps_areChildrenOfTheOperationThatStartedTheSaga() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("one")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .step("two")
        .remoteOutcome((call, s) -> Outcome.<String>rejected("no"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(fixture.coordinator(order).telemetry(telemetry));

    UUID id;
    try (Operation request = telemetry
            .operation(OperationSpec.builder("request", OperationKind.SERVER).build())
            .bind()
            .start(TelemetryContext.root());
        var current = request.makeCurrent()) {
      id = fixture.begin(sagas, order, "o-1");
    }
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    sagas.close();

    List<RecordedOperation> all = telemetry.operations();
    RecordedOperation request = all.stream()
        .filter(operation -> operation.name().equals("request"))
        .findFirst()
        .orElseThrow();
    List<RecordedOperation> steps = all.stream()
        .filter(operation -> operation.name().equals("msk.saga.step"))
        .toList();
    assertThat(steps).extracting(step -> step.tags().get("step")).containsExactly("one", "two");
    assertThat(steps).allSatisfy(step -> assertThat(step.parent()).contains(request.span()));
    assertThat(steps.get(1).outcome()).isEqualTo("rejected");
  }
}
