package dev.msk.saga.choreography;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.RecordedOperation;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.choreography.Counter.Note;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithServers
final class ChoreographyTelemetryTest {

  private final ChoreographyFixture fixture;
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  ChoreographyTelemetryTest(PostgresServer postgres) {
    this.fixture = new ChoreographyFixture(postgres);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void inputs_areSpans_timersInTheTraceOfTheStart_andCountedByWhatBecameOfThem() throws Exception {
    Choreography choreography = fixture.start(fixture
        .choreography(Counter.participant(1, "bad", Duration.ofMillis(1)))
        .telemetry(telemetry));
    tell(choreography, "note", "early", "one");
    tell(choreography, "end", "early", "");
    try (Operation request = telemetry
            .operation(OperationSpec.builder("request", OperationKind.SERVER).build())
            .bind()
            .start(TelemetryContext.root());
        var current = request.makeCurrent()) {
      tell(choreography, "begin", "k", "");
    }
    eventually("rang", () -> !reactions("bell").isEmpty());
    tell(choreography, "begin", "k", "");
    tell(choreography, "begin", "early", "");
    tell(choreography, "note", "early", "late");
    tell(choreography, "note", "k", "bad");
    tell(choreography, "note", "k", "behind");

    RecordedOperation request = telemetry.operations("request").get(0);
    assertThat(reactions("bell").get(0).parent()).contains(request.span());
    assertThat(reactions("bell").get(0).outcome()).isEqualTo("applied");
    assertThat(reactions("begin").get(0).attributes()).containsKey("choreography.key");
    assertThat(count("stashed")).isEqualTo(2);
    assertThat(count("started")).isEqualTo(2);
    assertThat(count("applied")).isEqualTo(3);
    assertThat(count("ignored")).isEqualTo(1);
    assertThat(count("late")).isEqualTo(1);
    assertThat(count("quarantined")).isEqualTo(1);
    assertThat(count("behind")).isEqualTo(1);
  }

  @Test
  void gauges_showWhatWaits() throws Exception {
    Choreography choreography = fixture.choreography(Counter.participant("bad")).build();
    tell(choreography, "note", "early", "one");
    tell(choreography, "note", "early", "two");
    tell(choreography, "begin", "runs", "");
    tell(choreography, "begin", "fails", "");
    tell(choreography, "note", "fails", "bad");

    fixture.start(fixture
        .choreography(Counter.participant("bad"))
        .telemetry(telemetry)
        .surveyInterval(Duration.ofMillis(20)));

    eventually("counted", () -> reading("msk.choreography.instances", "RUNNING") == 1);
    assertThat(reading("msk.choreography.instances", "WAITING")).isEqualTo(1);
    assertThat(reading("msk.choreography.instances", "QUARANTINED")).isEqualTo(1);
    assertThat(reading("msk.choreography.kept", "WAITING")).isEqualTo(2);
    assertThat(reading("msk.choreography.kept", "QUARANTINED")).isEqualTo(1);
    assertThat(telemetry.reading("msk.choreography.timers.late", "counter")).hasValue(0);
    fixture.execute(
        "UPDATE msk_choreography_timer SET version = 2, due_at = now() - interval '1 h'");
    eventually(
        "late",
        () -> telemetry.reading("msk.choreography.timers.late", "counter").orElse(0) >= 3600);
  }

  @Test
  void flowsThatStopped_areCounted() throws Exception {
    Choreography choreography = fixture.start(fixture
        .choreography(Watch.builder("flow", 1)
            .expect("begin", Note.class, Note::key)
            .then("noted", Note.class, Note::key)
            .within(Duration.ofMillis(1))
            .otherwiseReport())
        .telemetry(telemetry));

    tell(choreography, "begin", "k", "");

    eventually("counted", () -> telemetry.count("msk.choreography.flows.stopped", "flow") == 1);
    assertThat(fixture.published()).isEmpty();
  }

  private void tell(Choreography choreography, String type, String key, String text)
      throws Exception {
    var unused = fixture.handle(choreography, type, key, new Note(key, text));
  }

  private List<RecordedOperation> reactions(String input) {
    return telemetry.operations("msk.choreography.react").stream()
        .filter(operation -> input.equals(operation.tags().get("input")))
        .toList();
  }

  private long count(String result) {
    return telemetry.count("msk.choreography.inputs", "counter", result);
  }

  private double reading(String gauge, String status) {
    return telemetry.reading(gauge, "counter", status).orElse(-1);
  }
}
