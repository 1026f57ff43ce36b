package dev.msk.saga.choreography;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.messaging.InvalidEventException;
import dev.msk.saga.choreography.Counter.Note;
import dev.msk.saga.choreography.Snippets.Captured;
import dev.msk.saga.choreography.Snippets.OrderEvent;
import dev.msk.saga.choreography.Snippets.Placed;
import dev.msk.saga.choreography.Snippets.Shipment;
import dev.msk.saga.choreography.Snippets.Shipped;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ParticipantTest {

  private final Participant<Shipment, OrderEvent> shipping = Snippets.shipping();

  @Test
  void functions_arePure_andSayWhatFollows() {
    Input.Event<OrderEvent> placed = shipping.event("order.placed", new Placed("o-1", 12));
    Input.Event<OrderEvent> captured = shipping.event("payment.captured", new Captured("o-1"));

    Shipment begun = shipping.begin(placed);
    Shipment paid = shipping.evolve(begun, captured);

    assertThat(shipping.key(placed)).isEqualTo("o-1");
    assertThat(begun).isEqualTo(new Shipment("o-1", false, false));
    assertThat(shipping.react(begun, placed))
        .containsExactly(Effect.startTimer("payment", Duration.ofMinutes(30)));
    assertThat(paid).isEqualTo(new Shipment("o-1", true, true));
    assertThat(shipping.isEnded(paid)).isTrue();
    assertThat(shipping.react(paid, captured))
        .containsExactly(
            Effect.cancelTimer("payment"),
            Effect.emit("parcel.shipped", "o-1", new Shipped("o-1")));
    assertThat(shipping.evolve(begun, new Input.Timeout<>("payment")).over()).isTrue();
  }

  @Test
  void startOnly_isNotHeardByAnInstanceThatExists() {
    assertThat(shipping.hears(shipping.event("order.placed", new Placed("o-1", 12))))
        .isFalse();
    assertThat(shipping.hears(shipping.event("payment.captured", new Captured("o-1"))))
        .isTrue();
    assertThat(shipping.starts("order.placed")).isTrue();
    assertThat(shipping.starts("payment.captured")).isFalse();
    assertThat(shipping.starts("unheard")).isFalse();
  }

  @Test
  void definition_withoutStartAndEnd_namesEveryFault() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Participant.builder("Bad", 0, String.class, Note.class)
            .upgrade(3, String.class, old -> old)
            .emits("")
            .on("note", Note.class, Note::key)
            .on("note", Note.class, Note::key)
            .onTimeout("Bell")
            .build())
        .withMessageContainingAll(
            "name: Bad (expected: ",
            "version: 0 (expected: >= 1)",
            "startsOn: none (expected: at least one)",
            "endsWhen: none (expected: ",
            "type: note (expected: ",
            "timer: Bell (expected: ",
            "emits:  (expected: ",
            "upgrade: 3 (expected: ");
  }

  @Test
  void effects_outsideTheDefinition_areRefused() {
    Participant<String, Note> loose = Participant.builder("loose", 1, String.class, Note.class)
        .endsWhen(String::isEmpty)
        .startsOn("emits", Note.class, Note::key, Note::key)
        .react((state, note) -> List.of(Effect.emit("surprise", "k", "v")))
        .startsOn("times", Note.class, Note::key, Note::key)
        .react((state, note) -> List.of(Effect.cancelTimer("surprise")))
        .build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> loose.react("s", loose.event("emits", new Note("k", ""))))
        .withMessage("emit: surprise (expected: one that loose emits: [])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loose.react("s", loose.event("times", new Note("k", ""))))
        .withMessage("timer: surprise (expected: one of loose: [])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Effect.startTimer("t", Duration.ZERO))
        .withMessage("after: PT0S of timer t (expected: 1 ms to 3650 days)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loose.event("emits", "text"))
        .withMessageStartingWith("event: java.lang.String (expected: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loose.eventType("unheard"))
        .withMessage("type: unheard (expected: one that loose listens to: [emits, times])");
  }

  @Test
  void keys_areBounded() {
    Participant<Counter, Note> counter = Counter.participant("bad");

    assertThatThrownBy(() -> counter.key(counter.event("note", new Note("", "t"))))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("data: empty (expected: a key of counter of 1 to 200 characters");
    assertThatThrownBy(() -> counter.key(counter.event("note", new Note("k".repeat(201), "t"))))
        .isInstanceOf(InvalidEventException.class);
    assertThat(counter.key(counter.event("note", new Note("k".repeat(200), "t"))))
        .hasSize(200);
  }

  @Test
  void watch_withoutSomethingThatMustFollow_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Watch.builder("w", 1).expect("a", Note.class, Note::key).otherwiseReport())
        .withMessage("watch w: then: none (expected: at least one event that must follow)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Watch.builder("w", 1)
            .expect("a", Note.class, Note::key)
            .then("b", Note.class, Note::key)
            .within(Duration.ZERO)
            .otherwiseReport())
        .withMessage("watch w: within: PT0S for b (expected: 1 ms to 3650 days)");
  }
}
