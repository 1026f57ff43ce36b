package dev.msk.observability.tail;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;

/** The spans that one local root started, until all of them have ended or it is given up. Guarded by itself. */
final class LocalRoot {

  private final long startedAt;
  private final int maxSpans;
  private final List<String> spanIds = new ArrayList<>();
  private final List<SpanData> ended = new ArrayList<>();
  private int running;
  private boolean kept;
  private boolean closed;

  LocalRoot(long startedAt, int maxSpans) {
    this.startedAt = startedAt;
    this.maxSpans = maxSpans;
  }

  long startedAt() {
    return startedAt;
  }

  /** Whether a span that starts is held. The first one is the root itself, so nothing is over before that has ended. */
  synchronized boolean admit(String spanId) {
    if (closed || spanIds.size() == maxSpans) {
      return false;
    }
    spanIds.add(spanId);
    running++;
    return true;
  }

  /** Takes a span, and gives what may go on now. */
  synchronized List<SpanData> end(SpanData span, boolean isKept) {
    if (closed) {
      return List.of();
    }
    ended.add(span);
    kept |= isKept;
    running--;
    closed = running == 0;
    return goOn();
  }

  /** Keeps it for a span that is not held itself. */
  synchronized List<SpanData> keep() {
    kept |= !closed;
    return goOn();
  }

  synchronized boolean isKept() {
    return kept;
  }

  synchronized boolean isOver() {
    return closed;
  }

  /** Waits no longer; gives how many spans are lost by that. */
  synchronized int giveUp() {
    if (closed) {
      return 0;
    }
    closed = true;
    int lost = ended.size() + running;
    ended.clear();
    return lost;
  }

  /** Forgets the ids; only the first time there are any. */
  synchronized List<String> release() {
    List<String> spans = List.copyOf(spanIds);
    spanIds.clear();
    return spans;
  }

  private List<SpanData> goOn() {
    if (!kept || ended.isEmpty()) {
      return List.of();
    }
    List<SpanData> passedOn = List.copyOf(ended);
    ended.clear();
    return passedOn;
  }
}
