package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.event.EventInterceptor.EventRefusedException;
import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CommandExpiryTest {

  private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-30T10:00:00Z"));
  private final CommandExpiry expiry = CommandExpiry.of("quote.calculate").clock(time);

  @Test
  void command_expiresWithTheDeadlineOfItsCall() {
    Map<String, String> added = publish(event("quote.calculate").build());

    assertThat(added).containsExactly(Map.entry("expirytime", "2026-11-30T10:00:30Z"));
  }

  @Test
  void fact_doesNotExpire() {
    assertThat(publish(event("order.accepted").build())).isEmpty();
  }

  @Test
  void expiryOfItsOwn_stays() {
    EventEnvelope own =
        event("quote.calculate").extension("expirytime", "2026-11-30T12:00:00Z").build();

    assertThat(publish(own)).isEmpty();
  }

  @Test
  void withoutADeadline_nothingExpires() {
    assertThat(expiry.onPublish("quotes", event("quote.calculate").build())).isEmpty();
  }

  @Test
  void expiredCommand_isRefused_andNotBefore() {
    EventEnvelope command = event("quote.calculate")
        .extension("expirytime", "2026-11-30T11:00:30+01:00")
        .build();

    time.advance(Duration.ofMillis(29_999));
    expiry.onConsume("quotes", command);
    time.advance(Duration.ofMillis(1));

    assertThatThrownBy(() -> expiry.onConsume("quotes", command))
        .isInstanceOf(EventRefusedException.class)
        .hasMessage("expirytime: 2026-11-30T11:00:30+01:00 (expected: after "
            + "2026-11-30T10:00:30Z, when its turn came)");
  }

  @Test
  void expiredEventOfAnotherType_isHandled() {
    EventEnvelope fact =
        event("order.accepted").extension("expirytime", "2020-01-01T00:00:00Z").build();

    expiry.onConsume("orders", fact);

    assertThat(fact.expiryTime()).isPresent();
  }

  @Test
  void noType_isAFault() {
    assertThatThrownBy(CommandExpiry::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("types: none (expected: one or more)");
  }

  private Map<String, String> publish(EventEnvelope event) {
    CallContext call = CallContext.builder()
        .deadline(Deadline.after(Duration.ofSeconds(30), time))
        .build();
    try (Scope scope = call.makeCurrent()) {
      return expiry.onPublish("quotes", event);
    }
  }

  private static EventEnvelope.Builder event(String type) {
    return EventEnvelope.builder("1", "/shop", type);
  }
}
