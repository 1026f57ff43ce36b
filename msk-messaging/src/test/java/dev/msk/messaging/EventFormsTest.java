package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jackson.JacksonCodec;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What each attribute must look like, and what its accessor makes of it. */
final class EventFormsTest {

  record Order(String id) {}

  @Test
  void timestamps_areThoseOfRfc3339() {
    for (String legal : List.of(
        "2026-11-23T10:15:30Z",
        "2024-02-29t10:15:30z",
        "2026-11-23T10:15:30.1+05:30",
        "2026-11-23T10:15:30.123456789-18:00",
        "0000-01-01T00:00:00Z")) {
      assertThat(event(e -> e.time(legal)).time())
          .contains(OffsetDateTime.parse(legal.replace('t', 'T').replace('z', 'Z')));
    }
    assertThat(event(e -> e.time("2026-11-23T10:15:30.1234567899Z")).time())
        .contains(OffsetDateTime.parse("2026-11-23T10:15:30.123456789Z"));
    for (String illegal : List.of(
        "noon",
        "2026-11-23",
        "2026-11-23T10:15Z",
        "2026-11-23T10:15:30",
        "2026-11-23 10:15:30Z",
        "2026-11-23T10:15:30.Z",
        "2026-11-23T10:15:30.1",
        "2026-11-23T10:15:60Z",
        "2026-11-23T24:00:00Z",
        "2026-02-29T10:15:30Z",
        "2026-13-01T10:15:30Z",
        "2026-04-31T10:15:30Z",
        "+026-04-30T10:15:30Z",
        "2026-11-23T10:15:30+0530",
        "2026-11-23T10:15:30+18:01",
        "2026-11-23T10:15:30Zx")) {
      assertRefused("time", e -> e.time(illegal));
    }
  }

  @Test
  void timestamps_ofAnyDay_areReadAsByTheJdk() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 5000; i++) {
      String text = "%04d-%02d-%02dT%02d:%02d:%02d.%d%s"
          .formatted(
              random.nextInt(1, 9999),
              random.nextInt(0, 14),
              random.nextInt(0, 33),
              random.nextInt(25),
              random.nextInt(61),
              random.nextInt(61),
              random.nextInt(1, 999_999_999),
              random.nextBoolean() ? "Z" : "-%02d:30".formatted(random.nextInt(19)));
      OffsetDateTime parsed;
      try {
        parsed = OffsetDateTime.parse(text);
      } catch (java.time.format.DateTimeParseException e) {
        assertRefused("time", event -> event.time(text));
        continue;
      }
      assertThat(event(e -> e.time(text)).time()).contains(parsed);
    }
  }

  @Test
  void sources_areUriReferences() {
    for (String legal : List.of(
        "/orders",
        "orders",
        "urn:uuid:6e8bc430",
        "https://a.b:80/c%20d?e=f#g",
        "?q",
        "#",
        "./a:b",
        "//h")) {
      assertThatCode(() -> EventEnvelope.builder("1", legal, "t")).doesNotThrowAnyException();
    }
    for (String illegal :
        List.of("", "a b", "/ä", "/a%2", "/a%zz", "1a:b", ":a", "a\"b", "a\\b", "a\nb")) {
      assertThatThrownBy(() -> EventEnvelope.builder("1", illegal, "t"))
          .isInstanceOfSatisfying(
              InvalidEventException.class, e -> assertThat(e.attribute()).isEqualTo("source"));
    }
  }

  @Test
  void mediaTypes_areTypeAndSubtype() {
    for (String legal :
        List.of("application/json", "text/plain; charset=\"utf-8\"", "a/b+json;v=1")) {
      assertThat(event(e -> e.dataContentType(legal)).dataContentType()).contains(legal);
    }
    for (String illegal : List.of("json", "/json", "text/", "a b/c", "text/plain; é", "a/b/c")) {
      assertRefused("datacontenttype", e -> e.dataContentType(illegal));
    }
  }

  @Test
  void documentedExtensions_haveAccessors() {
    EventEnvelope event = event(e -> {
      for (Extension extension : Extension.values()) {
        boolean time = extension == Extension.EXPIRY_TIME || extension == Extension.RECORDED_TIME;
        e.extension(extension, time ? "2026-11-23T10:15:30Z" : extension.attribute() + ",x");
      }
    });

    assertThat(event.partitionKey()).contains("partitionkey,x");
    assertThat(event.sequence()).contains("sequence,x");
    assertThat(event.traceParent()).contains("traceparent,x");
    assertThat(event.traceState()).contains("tracestate,x");
    assertThat(event.correlationId()).contains("correlationid,x");
    assertThat(event.causationId()).contains("causationid,x");
    assertThat(event.expiryTime()).contains(OffsetDateTime.parse("2026-11-23T10:15:30Z"));
    assertThat(event.recordedTime()).contains(OffsetDateTime.parse("2026-11-23T10:15:30Z"));
    assertThat(event.dataRef()).contains("dataref,x");
    assertThat(event.authType()).contains("authtype,x");
    assertThat(event.authId()).contains("authid,x");
    assertThat(event.dsseMaterial()).contains("dssematerial,x");
    assertThat(event.signedExtensionAttributes()).containsExactly("signedextattrs", "x");
    assertThat(event.extensions()).hasSize(Extension.values().length);
  }

  @Test
  void documentedExtensions_haveForms() {
    assertRefused("expirytime", e -> e.extension(Extension.EXPIRY_TIME, "tomorrow"));
    assertRefused("recordedtime", e -> e.extension(Extension.RECORDED_TIME, "today"));
    assertRefused("dataref", e -> e.extension(Extension.DATA_REF, "a b"));
  }

  @Test
  void extensions_areAnUnmodifiableMap_andSetOverWhatWasBefore() {
    EventEnvelope event = event(e -> e.extension("a", "1").extension("b", "2").extension("a", "3"));

    assertThat(event.extensions()).containsExactly(Map.entry("a", "3"), Map.entry("b", "2"));
    assertThat(event.extensions().keySet()).containsExactly("a", "b");
    assertThat(event.extensions().get("c")).isNull();
    assertThatThrownBy(() -> event.extensions().put("a", "x"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void equality_doesNotSeeTheOrderOfExtensions() {
    EventEnvelope one = event(e -> e.extension("a", "1").extension("b", "2"));
    EventEnvelope other = event(e -> e.extension("b", "2").extension("a", "1"));

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(event(e -> e.extension("a", "1").extension("b", "3")));
  }

  @Test
  void attributes_areAllThatStandOnTheWire() {
    EventEnvelope event =
        event(e -> e.subject("s").extension("a", "1").data("text/plain", new byte[1]));

    assertThat(event.attributes())
        .containsExactly(
            Map.entry("specversion", "1.0"),
            Map.entry("id", "1"),
            Map.entry("source", "/s"),
            Map.entry("type", "t"),
            Map.entry("subject", "s"),
            Map.entry("datacontenttype", "text/plain"),
            Map.entry("a", "1"));
  }

  @Test
  void builder_makesOneEvent_whichDoesNotChangeAfterwards() {
    EventEnvelope.Builder builder = EventEnvelope.builder("1", "/s", "t").extension("a", "1");
    EventEnvelope event = builder.build();
    EventEnvelope changed = event.toBuilder().extension("a", "2").subject("s").build();

    assertThatThrownBy(() -> builder.subject("late")).isInstanceOf(IllegalStateException.class);
    assertThat(event.extension("a")).contains("1");
    assertThat(event.subject()).isEmpty();
    assertThat(changed.extension("a")).contains("2");
  }

  @Test
  void type_isNotTheClassOfThePayload() {
    Events events = Events.of("/orders", JacksonCodec.of());

    assertThatThrownBy(() -> events.event(Order.class.getName(), "4711", new Order("4711")))
        .hasMessageStartingWith(
            "type: dev.msk.messaging.EventFormsTest$Order (expected: a name of the domain");
  }

  private static EventEnvelope event(Consumer<EventEnvelope.Builder> set) {
    EventEnvelope.Builder event = EventEnvelope.builder("1", "/s", "t");
    set.accept(event);
    return event.build();
  }

  private static void assertRefused(String attribute, Consumer<EventEnvelope.Builder> set) {
    assertThatThrownBy(() -> event(set))
        .isInstanceOfSatisfying(
            InvalidEventException.class, e -> assertThat(e.attribute()).isEqualTo(attribute));
  }
}
