package dev.msk.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.RecordedOperation;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Steps go on in the trace in which their saga was started, on whichever thread, or are linked to it. */
@WithServers
final class SagaTelemetryTest {

  private static final SagaDefinition<Order> ORDER = SagaDefinition.builder("order", 1, Order.class)
      .step("one")
      .localRun((tx, s) -> {})
      .withoutCompensation()
      .step("two")
      .remoteOutcome((call, s) -> Outcome.<String>rejected("no"))
      .withoutCompensation()
      .build();

  private final SagaFixture fixture;
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private UUID started = new UUID(0, 0);

  SagaTelemetryTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void steps_areChildrenOfTheOperationThatStartedTheSaga() throws Exception {
    SagaCoordinator sagas = fixture.start(fixture.coordinator(ORDER).telemetry(telemetry));

    RecordedOperation request = beginInRequest(sagas);

    assertThat(steps()).extracting(step -> step.tags().get("step")).containsExactly("one", "two");
    assertThat(steps()).allSatisfy(step -> {
      assertThat(step.parent()).contains(request.span());
      assertThat(step.links()).isEmpty();
    });
    assertThat(steps().get(1).outcome()).isEqualTo("rejected");
  }

  @Test
  void steps_thatBeginLaterThanATraceLasts_haveTracesOfTheirOwn_linkedToTheStart()
      throws Exception {
    InstantSource inAWeek = () -> Instant.now().plus(Duration.ofDays(7));
    SagaCoordinator starting = fixture.coordinator(ORDER).telemetry(telemetry).build();
    RecordedOperation request = request(() -> fixture.begin(starting, ORDER, "o-1"));

    SagaCoordinator later =
        fixture.start(fixture.coordinator(ORDER).telemetry(telemetry).clock(inAWeek));
    fixture.await(later, started, SagaStatus.COMPENSATED);
    later.close();

    assertThat(steps()).hasSize(2).allSatisfy(step -> {
      assertThat(step.parent()).isEmpty();
      assertThat(step.links()).containsExactly(request.span());
      assertThat(step.attributes()).containsKey("saga.id");
    });
    assertThat(steps()).extracting(step -> step.span().traceId()).doesNotHaveDuplicates();
  }

  @Test
  void stepsOfASagaStartedOutsideATrace_areLinkedToNothing() throws Exception {
    SagaCoordinator sagas =
        fixture.start(fixture.coordinator(ORDER).telemetry(telemetry).traceFor(Duration.ZERO));

    fixture.await(sagas, fixture.begin(sagas, ORDER, "o-1"), SagaStatus.COMPENSATED);
    sagas.close();

    assertThat(steps()).hasSize(2).allSatisfy(step -> {
      assertThat(step.parent()).isEmpty();
      assertThat(step.links()).isEmpty();
    });
  }

  @Test
  void negativeTraceFor_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> fixture.coordinator(ORDER).traceFor(Duration.ofSeconds(-1)).build())
        .withMessage("traceFor: PT-1S (expected: >= 0)");
  }

  private RecordedOperation beginInRequest(SagaCoordinator sagas) throws Exception {
    request(() -> fixture.begin(sagas, ORDER, "o-1"));
    fixture.await(sagas, started, SagaStatus.COMPENSATED);
    sagas.close();
    return named("request").get(0);
  }

  private RecordedOperation request(Callable<UUID> start) throws Exception {
    try (Operation request = telemetry
            .operation(OperationSpec.builder("request", OperationKind.SERVER).build())
            .bind()
            .start(TelemetryContext.root());
        var current = request.makeCurrent()) {
      started = start.call();
    }
    return named("request").get(0);
  }

  private List<RecordedOperation> steps() {
    return named("msk.saga.step");
  }

  private List<RecordedOperation> named(String name) {
    return telemetry.operations().stream()
        .filter(operation -> operation.name().equals(name))
        .toList();
  }
}
