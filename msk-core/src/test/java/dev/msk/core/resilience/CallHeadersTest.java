package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallHeadersTest {

  private final ManualTime time = ManualTime.create();
  private final CallHeaders headers = CallHeaders.builder().ticker(time).build();
  private final Map<String, String> carrier = new HashMap<>();

  @Test
  void context_travels_withTheTimeThatIsLeft() {
    CallContext context = CallContext.builder()
        .correlationId("order-42")
        .caller("spiffe://shop.example/orders")
        .deadline(Deadline.after(Duration.ofSeconds(2), time))
        .retriedUpstream(true)
        .build();
    time.advance(Duration.ofMillis(500));

    headers.inject(context, carrier, Map::put);
    assertThat(carrier)
        .containsOnly(
            Map.entry("x-correlation-id", "order-42"),
            Map.entry("msk-timeout-ms", "1500"),
            Map.entry("msk-retried-upstream", "true"));
    CallContext read = headers.extract(carrier, Map::get).build();

    assertThat(read.correlationId()).contains("order-42");
    assertThat(read.remaining()).contains(Duration.ofMillis(1500));
    assertThat(read.retriedUpstream()).isTrue();
    assertThat(read.caller()).as("is proved, not claimed").isEmpty();
  }

  @Test
  void emptyContext_writesNothing_andNothingIsAnEmptyContext() {
    headers.inject(CallContext.empty(), carrier, Map::put);

    assertThat(carrier).isEmpty();
    CallContext read = headers.extract(carrier, Map::get).build();
    assertThat(read.deadline()).isEmpty();
    assertThat(read.retriedUpstream()).isFalse();
  }

  @Test
  void expiredDeadline_travelsAsZero() {
    CallContext late =
        CallContext.builder().deadline(Deadline.after(Duration.ZERO, time)).build();

    headers.inject(late, carrier, Map::put);

    assertThat(carrier).containsEntry("msk-timeout-ms", "0");
    assertThat(headers.extract(carrier, Map::get).build().remaining()).contains(Duration.ZERO);
  }

  @Test
  void longTimes_areCut_bothWays() {
    CallContext patient = CallContext.builder()
        .deadline(Deadline.after(Duration.ofHours(3), time))
        .build();
    headers.inject(patient, carrier, Map::put);
    assertThat(carrier).containsEntry("msk-timeout-ms", "300000");

    carrier.put("msk-timeout-ms", "99999999");

    assertThat(remaining()).isEqualTo(Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+5",
        "1.5",
        "1e3",
        "5s",
        "0x10",
        "١٢",
        "315360000000",
        "999999999",
        "5, 6"
      })
  void whatIsNoTime_isIgnored(String value) {
    carrier.put("msk-timeout-ms", value);

    assertThat(headers.extract(carrier, Map::get).build().deadline()).isEmpty();
  }

  @Test
  void timeOfAMesh_countsIfItIsLess() {
    carrier.put("x-envoy-expected-rq-timeout-ms", "15000");
    assertThat(remaining()).isEqualTo(Duration.ofSeconds(15));

    carrier.put("msk-timeout-ms", "200");
    assertThat(remaining()).isEqualTo(Duration.ofMillis(200));
    carrier.put("x-envoy-expected-rq-timeout-ms", "100");
    assertThat(remaining()).isEqualTo(Duration.ofMillis(100));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\r\nset-cookie: x", "\t"})
  void correlationIdThatIsNone_isIgnored(String value) {
    carrier.put("x-correlation-id", value);

    assertThat(headers.extract(carrier, Map::get).build().correlationId()).isEmpty();
  }

  @Test
  void correlationIdThatIsTooLong_isIgnored() {
    carrier.put("x-correlation-id", "x".repeat(129));

    assertThat(headers.extract(carrier, Map::get).build().correlationId()).isEmpty();
  }

  @Test
  void correlationIdThatNoHeaderCarries_isNotSent() {
    headers.inject(
        CallContext.builder().correlationId("Bestellung für \u0416").build(), carrier, Map::put);

    assertThat(carrier).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "1", "TRUE", ""})
  void markThatIsNotTrue_isNone(String value) {
    carrier.put("msk-retried-upstream", value);

    assertThat(headers.extract(carrier, Map::get).build().retriedUpstream()).isFalse();
  }

  @Test
  void build_boundsTheCap() {
    assertThatThrownBy(() -> CallHeaders.builder().maxTimeout(Duration.ZERO).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxTimeout: PT0S (expected: 1 ms to a day)");
  }

  private Duration remaining() {
    return headers.extract(carrier, Map::get).build().remaining().orElseThrow();
  }
}
