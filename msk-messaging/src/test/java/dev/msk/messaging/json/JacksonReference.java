package dev.msk.messaging.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.MediaTypes;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads an event with Jackson's tokens: what {@link JsonEventFormat} is compared with. */
final class JacksonReference {

  private static final JsonFactory JSON = new JsonFactory();

  private JacksonReference() {}

  /** The event, null when Jackson or the rules of attributes refuse it. */
  static @Nullable EventEnvelope read(byte[] document) {
    try (JsonParser parser = JSON.createParser(document)) {
      return read(parser, document);
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  private static EventEnvelope read(JsonParser parser, byte[] document) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("no object");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    byte @Nullable [] raw = null;
    boolean isText = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (texts.containsKey(name)) {
        throw new IOException(name + " twice");
      }
      if (name.equals("data")) {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        isText = token == JsonToken.VALUE_STRING;
        String text = isText ? parser.getText() : "";
        parser.skipChildren();
        finishToken(parser, token);
        raw = Arrays.copyOfRange(document, from, (int) parser.currentLocation().getByteOffset());
        texts.put("data", isText ? text : new String(raw, UTF_8));
      } else if (token == JsonToken.VALUE_NUMBER_INT) {
        texts.put(name, Integer.toString(parser.getIntValue()));
      } else if (token.isBoolean() || token == JsonToken.VALUE_STRING) {
        texts.put(name, parser.getText());
      } else if (token != JsonToken.VALUE_NULL) {
        throw new IOException(name);
      }
    }
    if (parser.nextToken() != null) {
      throw new IOException("more");
    }
    return event(texts, raw, isText);
  }

  private static void finishToken(JsonParser parser, JsonToken token) throws IOException {
    if (token.isNumeric()) {
      parser.finishToken();
    }
  }

  private static EventEnvelope event(
      Map<String, String> texts, byte @Nullable [] raw, boolean isText) throws IOException {
    if (!"1.0".equals(texts.remove("specversion"))) {
      throw new IOException("specversion");
    }
    String text = texts.remove("data");
    EventEnvelope.Builder event =
        EventEnvelope.builder(take(texts, "id"), take(texts, "source"), take(texts, "type"));
    String contentType = texts.remove("datacontenttype");
    boolean json = MediaTypes.isJson(contentType);
    if (raw != null && contentType == null) {
      contentType = "application/json";
    }
    for (Map.Entry<String, String> attribute : texts.entrySet()) {
      switch (attribute.getKey()) {
        case "subject" -> event.subject(attribute.getValue());
        case "time" -> event.time(attribute.getValue());
        case "dataschema" -> event.dataSchema(attribute.getValue());
        case "data_base64" -> event.data(Base64.getDecoder().decode(attribute.getValue()));
        default -> event.extension(attribute.getKey(), attribute.getValue());
      }
    }
    if (contentType != null) {
      event.dataContentType(contentType);
    }
    if (raw != null && texts.containsKey("data_base64")) {
      throw new IOException("data and data_base64");
    }
    if (raw != null && text != null && json) {
      event.data(raw);
    } else if (raw != null && text != null && isText) {
      event.data(text.getBytes(UTF_8));
    } else if (raw != null && !"null".equals(text)) {
      throw new IOException("data");
    }
    return event.build();
  }

  private static String take(Map<String, String> texts, String name) {
    String value = texts.remove(name);
    if (value == null) {
      throw new InvalidEventException(name, null, "a value");
    }
    return value;
  }
}
