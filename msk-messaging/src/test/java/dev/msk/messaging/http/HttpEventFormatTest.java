package dev.msk.messaging.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.RandomEvents;
import dev.msk.messaging.http.HttpEventFormat.Message;
import dev.msk.messaging.json.JsonEventFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HttpEventFormatTest {

  private final HttpEventFormat format = HttpEventFormat.of();

  @Test
  void binary_hasAttributesAsHeaders() {
    EventEnvelope event = EventEnvelope.builder("1", "/orders", "order.accepted")
        .subject("Euro € 😀")
        .data("application/json", "{}".getBytes(UTF_8))
        .extension("percent", "100%\"")
        .build();

    Message message = format.writeBinary(event);

    assertThat(message.headers())
        .containsOnly(
            Map.entry("ce-specversion", "1.0"),
            Map.entry("ce-id", "1"),
            Map.entry("ce-source", "/orders"),
            Map.entry("ce-type", "order.accepted"),
            Map.entry("ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            Map.entry("ce-percent", "100%25%22"),
            Map.entry("content-type", "application/json"));
    assertThat(message.body()).isEqualTo("{}".getBytes(UTF_8));
    assertThat(read(message)).isEqualTo(event);
  }

  @Test
  void anyEvent_isReadAsItWas_inAllModes() {
    RandomEvents events = new RandomEvents(new SplittableRandom(11));
    List<EventEnvelope> batch = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      EventEnvelope event = events.next();
      Message binary = format.writeBinary(event);
      boolean emptyData = event.data() != null && event.data().length == 0;

      assertThat(binary.headers().values()).allMatch(value -> value.matches("[ -~]+"));
      if (!emptyData) {
        assertThat(read(binary)).isEqualTo(event);
      }
      assertThat(read(format.writeStructured(event))).isEqualTo(event);
      batch.add(event);
    }

    Message message = format.writeBatch(batch);

    assertThat(format.readAll(multi(message.headers()), message.body())).isEqualTo(batch);
  }

  @Test
  void readAll_takesEveryMode() {
    EventEnvelope event =
        EventEnvelope.builder("1", "/orders", "order.accepted").build();

    for (Message message : List.of(
        format.writeBinary(event),
        format.writeStructured(event),
        format.writeBatch(List.of(event)))) {
      assertThat(format.readAll(multi(message.headers()), message.body())).containsExactly(event);
    }
  }

  @Test
  void names_areReadInAnyCase_andQuotedValuesAreUnquoted() {
    EventEnvelope event = format.read(
        headers(
            "CE-SpecVersion", "1.0",
            "Ce-Id", " 1 ",
            "ce-source", "/orders",
            "ce-type", "\"say \\\"%68i\\\"\"",
            "Content-Type", "text/plain",
            "Accept", "*/*"),
        null);

    assertThat(event)
        .isEqualTo(EventEnvelope.builder("1", "/orders", "say \"hi\"")
            .dataContentType("text/plain")
            .build());
  }

  @Test
  void structured_wins_overHeadersBesides() {
    EventEnvelope event =
        EventEnvelope.builder("1", "/orders", "order.accepted").build();
    Map<String, List<String>> headers = headers(
        "ce-specversion", "1.0", "Content-Type", "Application/CloudEvents+json; charset=UTF-8");

    assertThat(format.read(headers, format.writeStructured(event).body())).isEqualTo(event);
  }

  @Test
  void illegal_isRefused_namingTheAttribute() {
    assertRefused("specversion: missing (expected: 1.0)", headers());
    assertRefused("specversion: 0.3 (expected: 1.0)", headers("ce-specversion", "0.3"));
    assertRefused(
        "id: missing", headers("ce-specversion", "1.0", "ce-source", "/s", "ce-type", "t"));
    assertRefused("subject: ", headers("ce-subject", "%C0%A0"));
    assertRefused("subject: %2 (expected: two hex", headers("ce-subject", "%2"));
    assertRefused("subject: %+1 (expected: two hex", headers("ce-subject", "%+1"));
    assertRefused("subject: ", headers("ce-subject", "%0d%0aset-cookie"));
    assertRefused("subject: € (expected: a header value of ASCII", headers("ce-subject", "€"));
    assertRefused("extension name: data (expected", headers("ce-data", "x"));
    assertRefused("extension name: datacontenttype", headers("ce-datacontenttype", "text/plain"));
    assertRefused("content-type: ", headers("content-type", JsonEventFormat.BATCH_MEDIA_TYPE));
    assertRefused("event: end at byte 0", headers("content-type", JsonEventFormat.MEDIA_TYPE));
    assertRefused("id: there 2 times", Map.of("ce-id", List.of("1", "2")));
    assertRefused("id: missing", Map.of("ce-id", List.of()));
  }

  private void assertRefused(String message, Map<String, List<String>> headers) {
    assertThatThrownBy(() -> format.read(headers, null))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }

  private EventEnvelope read(Message message) {
    return format.read(multi(message.headers()), message.body());
  }

  private static Map<String, List<String>> headers(String... namesAndValues) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return headers;
  }

  private static Map<String, List<String>> multi(Map<String, String> single) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    single.forEach((name, value) -> headers.put(name, List.of(value)));
    return headers;
  }
}
