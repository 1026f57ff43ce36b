package dev.msk.benchmarks.messaging;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import java.util.ArrayList;
import java.util.List;

/** Events of 1 KiB, whose data begin with a running number. */
final class Orders {

  /** The destination of all events. */
  static final String TOPIC = "orders";

  private static final int DATA_BYTES = 1024;
  private static final int DIGITS = 10;

  private final Events events = Events.of("/bench", JacksonCodec.of());
  private final String filler = "x".repeat(DATA_BYTES - DIGITS - 2);
  private final int keys;
  private int next;

  /** Events over so many keys, in turns. */
  Orders(int keys) {
    this.keys = keys;
  }

  EventEnvelope next() {
    int number = next++;
    return events.event("order.accepted", key(number % keys), padded(number) + filler);
  }

  List<EventEnvelope> next(int count) {
    List<EventEnvelope> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(next());
    }
    return list;
  }

  static String key(int number) {
    return "order-" + number;
  }

  /** The running number in the data of an event, wherever a peer has put it. */
  static int number(byte[] data) {
    int from = 0;
    while (data[from] < '0' || data[from] > '9') {
      from++;
    }
    int number = 0;
    for (int i = from; i < from + DIGITS; i++) {
      number = number * 10 + data[i] - '0';
    }
    return number;
  }

  private static String padded(int number) {
    return String.format("%0" + DIGITS + "d", number);
  }
}
