package dev.msk.benchmarks.messaging;

import dev.msk.messaging.EventEnvelope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Floor: an event as somebody would write it who has no rules to keep. */
final class HandEvent {
  @Nullable
  String id;

  @Nullable
  String source;

  @Nullable
  String type;

  @Nullable
  String subject;

  @Nullable
  String time;

  @Nullable
  String contentType;

  @Nullable
  String schema;

  final Map<String, String> extensions = new LinkedHashMap<>();
  byte @Nullable [] data;

  static HandEvent of(EventEnvelope event) {
    HandEvent hand = new HandEvent();
    event.attributes().forEach(hand::set);
    hand.data = event.data();
    return hand;
  }

  void set(String name, String value) {
    switch (name) {
      case "id" -> id = value;
      case "source" -> source = value;
      case "type" -> type = value;
      case "subject" -> subject = value;
      case "time" -> time = value;
      case "datacontenttype" -> contentType = value;
      case "dataschema" -> schema = value;
      case "specversion" -> {}
      default -> extensions.put(name, value);
    }
  }
}
