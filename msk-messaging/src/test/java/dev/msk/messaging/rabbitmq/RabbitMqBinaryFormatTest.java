package dev.msk.messaging.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.RandomEvents;
import dev.msk.messaging.json.JsonEventFormat;
import dev.msk.messaging.rabbitmq.RabbitMqBinaryFormat.Message;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RabbitMqBinaryFormatTest {

  private static final EventEnvelope EVENT = EventEnvelope.builder("1", "/orders", "order.accepted")
      .data("application/json", "{}".getBytes(UTF_8))
      .build();

  /**
   * A frame of headers: weight, size of the body, flags, content-type, the table. Headers and values are those that {@code to_binary} of the Python
   * SDK's RabbitMQ binding makes of an event, written by the rules of 0-9-1 as pika does, strings as long strings.
   */
  private static final String PYTHON = """
      0000 0000000000000014 a000
      10 6170706c69636174696f6e2f6a736f6e
      00000077
      0e 63652d7370656376657273696f6e 53 00000003 312e30
      05 63652d6964                   53 00000003 313233
      09 63652d736f75726365           53 00000005 2f74657374
      07 63652d74797065               53 00000010 636f6d2e6578616d706c652e74657374
      07 63652d74696d65               53 00000014 323032362d31312d32335431303a31353a33305a
      """;

  @Test
  void anyEvent_isReadAsItWas() {
    RandomEvents events = new RandomEvents(new SplittableRandom(5));
    for (int i = 0; i < 2000; i++) {
      EventEnvelope event = events.next();

      assertThat(read(received(RabbitMqBinaryFormat.write(event))))
          .isEqualTo(withoutEmptyData(event));
    }
  }

  @Test
  void anyBytesInAnyHeader_giveAnEventOrAreRefused() {
    SplittableRandom random = new SplittableRandom(20261123);
    RandomEvents events = new RandomEvents(random);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      Message message = received(RabbitMqBinaryFormat.write(events.next()));
      Map<String, Object> headers = new LinkedHashMap<>(message.properties().getHeaders());
      List<String> names = new ArrayList<>(headers.keySet());
      String victim = names.get(random.nextInt(names.size()));
      byte[] value = ((LongString) headers.get(victim)).getBytes().clone();
      value[random.nextInt(value.length)] = (byte) random.nextInt(256);
      headers.put(victim, LongStringHelper.asLongString(value));
      try {
        BasicProperties changed =
            message.properties().builder().headers(headers).build();
        assertThat(RabbitMqBinaryFormat.read(changed, message.body())
                .attributes()
                .get(victim.substring("ce-".length())))
            .isEqualTo(new String(value, UTF_8));
      } catch (InvalidEventException expected) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void write_makesPropertiesAndHeaders() {
    EventEnvelope event = EventEnvelope.builder("1", "/orders", "order.accepted")
        .subject("s")
        .time("2026-11-23T10:15:30.123456789+01:00")
        .data("application/json", new byte[] {1})
        .extension(Extension.PARTITION_KEY, "4711")
        .extension(
            Extension.TRACE_PARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .build();

    Message message = RabbitMqBinaryFormat.write(event);

    BasicProperties properties = message.properties();
    assertThat(message.body()).containsExactly(1);
    assertThat(properties.getContentType()).isEqualTo("application/json");
    assertThat(properties.getMessageId()).isEqualTo("1");
    assertThat(properties.getDeliveryMode()).isEqualTo(2);
    assertThat(properties.getHeaders())
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "ce-specversion", "1.0",
            "ce-id", "1",
            "ce-source", "/orders",
            "ce-type", "order.accepted",
            "ce-subject", "s",
            "ce-time", "2026-11-23T10:15:30.123456789+01:00",
            "ce-partitionkey", "4711",
            "ce-traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  }

  @Test
  void messageOfThePythonSdk_isRead_byteByByte() throws IOException {
    BasicProperties properties = properties(PYTHON);

    assertThat(RabbitMqBinaryFormat.read(properties, "{\"message\": \"Hello\"}".getBytes(UTF_8)))
        .isEqualTo(EventEnvelope.builder("123", "/test", "com.example.test")
            .time("2026-11-23T10:15:30Z")
            .data("application/json", "{\"message\": \"Hello\"}".getBytes(UTF_8))
            .build());
  }

  /** The example of the draft's section 3.2.4, with the attributes that it leaves out. */
  @Test
  void exampleOfTheDraft_isRead_withTheDataContentTypeAsAHeader() {
    Map<String, Object> headers = headers(
        "ce-specversion", "1.0",
        "ce-id", "12341234",
        "ce-type", "com.example.someevent",
        "ce-source", "example/source.uri",
        "ce-extension", "test extension value",
        "ce-datacontenttype", "application/avro; charset=UTF-8");

    assertThat(read(new Message(of(null, headers), new byte[] {1, 2})))
        .isEqualTo(EventEnvelope.builder("12341234", "example/source.uri", "com.example.someevent")
            .extension("extension", "test extension value")
            .data("application/avro; charset=UTF-8", new byte[] {1, 2})
            .build());
    assertThat(read(new Message(of("application/avro; charset=UTF-8", headers), new byte[1])))
        .returns("12341234", EventEnvelope::id);
    assertRefused(
        "datacontenttype: application/avro; charset=UTF-8 (expected: text/plain, as",
        of("text/plain", headers));
  }

  @Test
  void prefixesOfAmqp10_areRead_theFirstThatIsWhole() {
    for (String prefix : List.of("cloudEvents_", "cloudEvents:")) {
      Map<String, Object> headers = headers(
          prefix + "specversion",
          "1.0",
          prefix + "id",
          "1",
          prefix + "source",
          "/s",
          prefix + "type",
          "t");
      headers.put(prefix + "time", Date.from(Instant.parse("2026-11-23T10:15:30Z")));
      headers.put(prefix + "count", 7);
      headers.put(prefix + "large", 7_000_000_000L);
      headers.put(prefix + "fine", true);
      headers.put(prefix + "bytes", new byte[] {(byte) 0xff});
      headers.put("ce-id", "of something else");

      assertThat(read(new Message(of(null, headers), new byte[0])))
          .isEqualTo(EventEnvelope.builder("1", "/s", "t")
              .time("2026-11-23T10:15:30Z")
              .extension("count", "7")
              .extension("large", "7000000000")
              .extension("fine", "true")
              .extension("bytes", "/w==")
              .build());
    }
  }

  @Test
  void headerOfAnotherType_isRefused_byName() {
    Map<String, Object> headers =
        headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "t");
    headers.put("ce-ratio", 0.5);
    assertRefused("ratio: Double 0.5 (expected: a string", of(null, headers));
    headers.remove("ce-ratio");
    headers.put("ce-list", List.of(1));
    assertRefused("list: ", of(null, headers));
  }

  @Test
  void badHeaders_areRefused_byName() {
    assertRefused("specversion: missing (expected: 1.0)", new BasicProperties());
    assertRefused("specversion: missing (expected: 1.0)", of("application/json", Map.of()));
    assertRefused("specversion: 0.3 (expected: 1.0)", of(null, headers("ce-specversion", "0.3")));
    assertRefused("id: missing", of(null, headers("ce-specversion", "1.0")));
    assertRefused("time: noon", with("ce-time", "noon"));
    assertRefused("source: a b", with("ce-source", "a b"));
    assertRefused("extension name: Upper", with("ce-Upper", "x"));
    assertRefused("extension name: data ", with("ce-data", "x"));
    assertRefused("extension name: empty", with("ce-", "x"));
    assertRefused("ext: empty (expected", with("ce-ext", ""));
    assertRefused("datacontenttype: json", of("json", with("ce-ext", "x").getHeaders()));
  }

  @Test
  void headerWithoutValue_isAnAttributeThatIsNotThere() {
    Map<String, Object> headers =
        headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "t");
    headers.put("ce-subject", null);
    headers.put("x-death", List.of());

    assertThat(read(new Message(of(null, headers), new byte[0])))
        .isEqualTo(EventEnvelope.builder("1", "/s", "t").build());
  }

  @Test
  void structuredMessage_isRead_whateverHeadersStandBesides() {
    byte[] document = JsonEventFormat.of().write(EVENT);
    BasicProperties properties =
        of("Application/CloudEvents+json; charset=UTF-8", headers("ce-id", "other"));

    assertThat(RabbitMqBinaryFormat.read(properties, document)).isEqualTo(EVENT);
    assertRefused("event: ", of(JsonEventFormat.MEDIA_TYPE, Map.of()));
    assertRefused(
        "content-type: application/cloudevents-batch+json (expected: application/cloudevents+json)",
        of(JsonEventFormat.BATCH_MEDIA_TYPE, Map.of()));
  }

  /** A broker closes the connection of who sends more headers than a frame holds, and the event would be sent again for ever. */
  @Test
  void whatDoesNotFitThePlaceOfHeaders_isWrittenOtherwise() {
    EventEnvelope large =
        EVENT.toBuilder().extension("long", "é".repeat(70_000)).build();
    EventEnvelope longId = EventEnvelope.builder("i".repeat(256), "/s", "t").build();
    EventEnvelope longType = EVENT.toBuilder()
        .data("application/json; v=" + "1".repeat(300), new byte[] {'1'})
        .build();

    assertThat(RabbitMqBinaryFormat.write(large).properties().getContentType())
        .isEqualTo(JsonEventFormat.MEDIA_TYPE);
    for (EventEnvelope event : List.of(large, longId, longType)) {
      assertThat(read(received(RabbitMqBinaryFormat.write(event)))).isEqualTo(event);
    }
  }

  @Test
  void propertiesAndHeaders_comeBackFromText() {
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put("ce-id", LongStringHelper.asLongString("4711"));
    headers.put("bytes", LongStringHelper.asLongString(new byte[] {(byte) 0xc3, 0x28, 0}));
    headers.put("looks like one", LongStringHelper.asLongString("data:;base64,AAAA"));
    headers.put("missing", null);
    headers.put("type", LongStringHelper.asLongString("of a header"));
    BasicProperties properties = new BasicProperties.Builder()
        .contentType("text/plain")
        .messageId("m")
        .type("of a property")
        .headers(headers)
        .build();

    Map<String, String> texts = RabbitMqHeaderText.write(properties);

    assertThat(texts)
        .containsEntry("ce-id", "4711")
        .containsEntry("bytes", "data:;base64,wygA")
        .containsEntry("type", "of a property")
        .containsEntry("headers/type", "of a header");
    assertThat(RabbitMqHeaderText.read(texts)).isEqualTo(properties);
  }

  /** As a broker delivers it: strings are bytes. */
  private static Message received(Message sent) {
    BasicProperties properties = sent.properties();
    Map<String, Object> headers = new LinkedHashMap<>();
    if (properties.getHeaders() != null) {
      properties
          .getHeaders()
          .forEach(
              (name, value) -> headers.put(name, LongStringHelper.asLongString(value.toString())));
    }
    return new Message(properties.builder().headers(headers).build(), sent.body());
  }

  private static EventEnvelope read(Message message) {
    return RabbitMqBinaryFormat.read(message.properties(), message.body());
  }

  /** The wire cannot tell no data from data of no bytes. */
  private static EventEnvelope withoutEmptyData(EventEnvelope event) {
    byte[] data = event.data();
    if (data == null || data.length > 0) {
      return event;
    }
    EventEnvelope.Builder bare = EventEnvelope.builder(event.id(), event.source(), event.type());
    event.subject().ifPresent(bare::subject);
    event.attributes().forEach((name, value) -> {
      switch (name) {
        case "specversion", "id", "source", "type", "subject" -> {}
        case "time" -> bare.time(value);
        case "datacontenttype" -> bare.dataContentType(value);
        case "dataschema" -> bare.dataSchema(value);
        default -> bare.extension(name, value);
      }
    });
    return bare.build();
  }

  private static BasicProperties properties(String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    return new BasicProperties(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  private static BasicProperties of(String contentType, Map<String, Object> headers) {
    return new BasicProperties.Builder()
        .contentType(contentType)
        .headers(headers)
        .build();
  }

  private static BasicProperties with(String name, String value) {
    Map<String, Object> headers =
        headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "t");
    headers.put(name, LongStringHelper.asLongString(value));
    return of(null, headers);
  }

  private static Map<String, Object> headers(String... pairs) {
    Map<String, Object> headers = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.put(pairs[i], LongStringHelper.asLongString(pairs[i + 1]));
    }
    return headers;
  }

  private static void assertRefused(String message, BasicProperties properties) {
    assertThatThrownBy(() -> RabbitMqBinaryFormat.read(properties, new byte[0]))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }
}
