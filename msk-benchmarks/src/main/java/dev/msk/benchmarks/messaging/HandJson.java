package dev.msk.benchmarks.messaging;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;

/** Floor: structured JSON by Jackson's streams, attributes left as strings, data left as bytes. */
final class HandJson {

  private static final JsonFactory JSON = new JsonFactory();

  private HandJson() {}

  static byte[] write(HandEvent event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("specversion", "1.0");
      json.writeStringField("id", event.id);
      json.writeStringField("source", event.source);
      json.writeStringField("type", event.type);
      json.writeStringField("subject", event.subject);
      json.writeStringField("time", event.time);
      json.writeStringField("datacontenttype", event.contentType);
      json.writeStringField("dataschema", event.schema);
      for (Map.Entry<String, String> extension : event.extensions.entrySet()) {
        json.writeStringField(extension.getKey(), extension.getValue());
      }
      json.writeFieldName("data");
      json.writeRawValue("");
      json.flush();
      out.writeBytes(requireNonNull(event.data));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static HandEvent read(byte[] bytes) {
    HandEvent event = new HandEvent();
    try (JsonParser json = JSON.createParser(bytes)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals("data")) {
          int from = (int) json.currentTokenLocation().getByteOffset();
          json.skipChildren();
          event.data =
              Arrays.copyOfRange(bytes, from, (int) json.currentLocation().getByteOffset());
        } else {
          event.set(name, json.getText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return event;
  }
}
