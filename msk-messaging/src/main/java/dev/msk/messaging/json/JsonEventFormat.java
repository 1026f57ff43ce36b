package dev.msk.messaging.json;

import static java.util.Objects.requireNonNull;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Events as JSON documents, by the JSON format of CloudEvents 1.0.2, single and in batches.
 *
 * <pre>
 * {"specversion":"1.0","id":"01938f2c-7b1e-7cc1-9a52-1f2be4d5a001","source":"/orders",
 *  "type":"order.accepted","datacontenttype":"application/json","data":{"id":"4711","total":12}}
 * </pre>
 *
 * <p><b>Data.</b> JSON data (a media type of {@code json} or {@code +json}, or none) stands inline, byte
 * by byte as it was, after a check that it is JSON. Text in UTF-8 ({@code text/*}, XML) is a JSON string.
 * Everything else, data that is not what its media type says included, is Base64 in {@code
 * data_base64}: an event can always be written. Where JSON data has no media type, the event that is read
 * says {@code application/json}.
 *
 * <p><b>Strict.</b> Reading refuses what is not JSON of RFC 8259 in UTF-8, a member that is there twice, a
 * value nested more than 1,000 deep, more than 256 extensions, and anything behind the document. A member that is null is
 * not there, save {@code data} of a JSON type, where null is the data.
 *
 * <p><b>Cost.</b> Written and read byte by byte, without Jackson; one array for the document, one for the
 * data that was read. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md">JSON
 *     Event Format for CloudEvents 1.0.2</a>
 */
public final class JsonEventFormat {

  /** The media type of one event. */
  public static final String MEDIA_TYPE = "application/cloudevents+json";

  /** The media type of a batch. */
  public static final String BATCH_MEDIA_TYPE = "application/cloudevents-batch+json";

  private JsonEventFormat() {}

  /**
   * The format, which has no settings.
   *
   * @return the format
   */
  public static JsonEventFormat of() {
    return new JsonEventFormat();
  }

  /**
   * Writes an event.
   *
   * @param event any event
   * @return a JSON document, {@link #MEDIA_TYPE}
   */
  public byte[] write(EventEnvelope event) {
    return JsonWriter.write(requireNonNull(event, "event"));
  }

  /**
   * Reads an event.
   *
   * @param document a JSON document, {@link #MEDIA_TYPE}; neither changed nor kept
   * @return the event
   * @throws InvalidEventException when it is none; names the attribute, or {@code event} with the byte
   *     at which the document stops being JSON
   */
  public EventEnvelope read(byte[] document) {
    JsonReader reader = new JsonReader(document);
    int end = reader.read(JsonText.space(document, 0, document.length));
    requireEnd(document, end);
    return reader.event();
  }

  /**
   * Writes events as one document.
   *
   * @param events in the order in which they will be read; none is allowed
   * @return a JSON document, {@link #BATCH_MEDIA_TYPE}
   */
  public byte[] writeBatch(List<EventEnvelope> events) {
    ByteArrayOutputStream document = new ByteArrayOutputStream(1024);
    document.write('[');
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        document.write(',');
      }
      document.writeBytes(write(events.get(i)));
    }
    document.write(']');
    return document.toByteArray();
  }

  /**
   * Reads the events of a batch, all or none.
   *
   * @param document a JSON document, {@link #BATCH_MEDIA_TYPE}; neither changed nor kept
   * @return the events in their order
   * @throws InvalidEventException when the document is no batch, or one of its events is none
   */
  public List<EventEnvelope> readBatch(byte[] document) {
    List<EventEnvelope> events = new ArrayList<>();
    int i = JsonText.space(document, 0, document.length);
    requireByte(document, i, '[');
    i = JsonText.space(document, i + 1, document.length);
    if (i < document.length && document[i] == ']') {
      requireEnd(document, i + 1);
      return List.of();
    }
    while (true) {
      JsonReader reader = new JsonReader(document);
      i = JsonText.space(document, reader.read(i), document.length);
      events.add(reader.event());
      if (i < document.length && document[i] == ']') {
        requireEnd(document, i + 1);
        return List.copyOf(events);
      }
      requireByte(document, i, ',');
      i = JsonText.space(document, i + 1, document.length);
    }
  }

  private static void requireByte(byte[] document, int at, char wanted) {
    if (at >= document.length || document[at] != wanted) {
      throw JsonReader.malformed(document, at, "'" + wanted + "'");
    }
  }

  private static void requireEnd(byte[] document, int end) {
    int i = JsonText.space(document, end, document.length);
    if (i < document.length) {
      throw JsonReader.malformed(document, i, "nothing behind the document");
    }
  }
}
