package dev.msk.saga.testing;

import static dev.msk.saga.choreography.Effect.emit;
import static dev.msk.saga.choreography.Effect.startTimer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.saga.choreography.Effect;
import dev.msk.saga.choreography.FlowProgress;
import dev.msk.saga.choreography.Participant;
import dev.msk.saga.choreography.StoppedFlow;
import dev.msk.saga.choreography.Watch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChoreographyTestKitTest {

  record Tick(String key) {}

  record Clock(String key, int rung) {}

  private final Participant<Clock, Tick> clock = Participant.builder(
          "clock", 1, Clock.class, Tick.class)
      .emits("rang")
      .endsWhen(state -> state.rung() == 3)
      .startsOn("wind", Tick.class, Tick::key, tick -> new Clock(tick.key(), 0))
      .react((state, tick) -> List.of(startTimer("bell", Duration.ofMinutes(10))))
      .on("stop", Tick.class, Tick::key)
      .react((state, tick) -> List.of(Effect.cancelTimer("bell")))
      .onTimeout("bell")
      .evolve(state -> new Clock(state.key(), state.rung() + 1))
      .react(state -> List.of(
          emit("rang", state.key(), new Tick(state.key())),
          startTimer("bell", Duration.ofMinutes(10))))
      .build();

  private final Participant<FlowProgress, Object> watch = Watch.builder("rings", 1)
      .expect("wind", Tick.class, Tick::key)
      .then("rang", Tick.class, Tick::key)
      .within(Duration.ofMinutes(15))
      .then("heard", Tick.class, Tick::key)
      .within(Duration.ofMinutes(1))
      .otherwise("stopped", stopped -> stopped);

  @Test
  void timers_fireInTheirOrder_whenTimePasses() {
    ChoreographyTestKit kit = ChoreographyTestKit.of(clock).given("wind", new Tick("a"));

    kit.whenPassed(Duration.ofMinutes(9)).thenNothing();
    assertThat(kit.timers(clock, "a")).containsEntry("bell", Duration.ofMinutes(1));
    kit.whenPassed(Duration.ofMinutes(11))
        .thenEmitted(emit("rang", "a", new Tick("a")), emit("rang", "a", new Tick("a")))
        .thenState(clock, "a", new Clock("a", 2));
    kit.whenPassed(Duration.ofDays(1))
        .thenEmitted(emit("rang", "a", new Tick("a")))
        .thenEnded(clock, "a");
    assertThat(kit.timers(clock, "a")).isEmpty();
  }

  @Test
  void cancelledTimers_doNotFire() {
    ChoreographyTestKit.of(clock)
        .given("wind", new Tick("a"))
        .given("stop", new Tick("a"))
        .whenPassed(Duration.ofDays(1))
        .thenNothing()
        .thenState(clock, "a", new Clock("a", 0));
  }

  @Test
  void eventsBeforeTheStart_areKept_andThoseAfterTheEnd_changeNothing() {
    ChoreographyTestKit kit = ChoreographyTestKit.of(clock).given("stop", new Tick("a"));
    assertThat(kit.state(clock, "a")).isEmpty();

    kit.given("wind", new Tick("a"));

    assertThat(kit.timers(clock, "a")).isEmpty();
    kit.given("wind", new Tick("b")).whenPassed(Duration.ofDays(1));
    kit.when("stop", new Tick("b")).thenNothing().thenEnded(clock, "b");
  }

  @Test
  void watch_tellsOfWhatDidNotCome_andHearsWhatOthersEmit() {
    ChoreographyTestKit kit = ChoreographyTestKit.of(clock, watch).given("wind", new Tick("a"));
    kit.whenPassed(Duration.ofMinutes(10))
        .thenState(watch, "a", new FlowProgress("a", List.of("wind", "rang"), 2, true, false));

    kit.whenPassed(Duration.ofMinutes(1))
        .thenEmitted(
            emit("stopped", "a", new StoppedFlow("rings", "a", List.of("wind", "rang"), "heard")))
        .thenEnded(watch, "a");
  }

  @Test
  void watch_takesEventsOutOfOrder_andIsContentWithAll() {
    ChoreographyTestKit.of(watch)
        .given("heard", new Tick("a"))
        .given("wind", new Tick("a"))
        .given("rang", new Tick("a"))
        .whenPassed(Duration.ofDays(1))
        .thenNothing()
        .thenState(
            watch, "a", new FlowProgress("a", List.of("wind", "heard", "rang"), 3, true, false))
        .thenEnded(watch, "a");
  }

  @Test
  void watch_startsNoTimeAnew_forAnEventThatItHasSeen() {
    ChoreographyTestKit kit =
        ChoreographyTestKit.of(watch).given("wind", new Tick("a")).given("rang", new Tick("a"));
    kit.whenPassed(Duration.ofSeconds(59)).thenNothing();

    kit.given("rang", new Tick("a")).whenPassed(Duration.ofSeconds(1)).thenEnded(watch, "a");
  }

  @Test
  void whatIsNotMet_isAnError() {
    ChoreographyTestKit kit = ChoreographyTestKit.of(clock).given("wind", new Tick("a"));

    assertThatThrownBy(() -> kit.thenEmitted(emit("rang", "a", new Tick("a"))))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("emitted: [] (expected: [Emit[type=rang");
    assertThatThrownBy(() -> kit.thenState(clock, "a", new Clock("a", 9)))
        .isInstanceOf(AssertionError.class)
        .hasMessage("clock a: Clock[key=a, rung=0] (expected: Clock[key=a, rung=9])");
    assertThatThrownBy(() -> kit.thenEnded(clock, "a")).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> kit.when("unheard", new Tick("a")))
        .hasMessage("type: unheard (expected: one that a participant listens to)");
    assertThatThrownBy(() -> ChoreographyTestKit.of(clock, clock))
        .hasMessage("participant: clock (expected: a name that no other participant has)");
  }
}
