package dev.msk.observability.tail;

import dev.msk.core.Ticker;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The local roots that are not decided yet, found by the id of any span of theirs, and how many spans they hold in all.
 * Thread-safe: each root guards itself, the list by age is guarded by itself, and no lock is held while another is taken or a
 * span is passed on.
 */
final class TailBuffer {

  /** What became of a local root. */
  enum Outcome {
    KEPT,
    DISCARDED,
    EXPIRED;

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final int maxSpans;
  private final int maxSpansPerRoot;
  private final long maxAgeNanos;
  private final Ticker ticker;
  private final ConcurrentMap<String, LocalRoot> bySpan = new ConcurrentHashMap<>();
  private final Set<LocalRoot> byAge = new LinkedHashSet<>();
  private final AtomicInteger held = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder kept = new LongAdder();
  private final LongAdder discarded = new LongAdder();
  private final LongAdder expired = new LongAdder();

  TailBuffer(int maxSpans, int maxSpansPerRoot, long maxAgeNanos, Ticker ticker) {
    this.maxSpans = maxSpans;
    this.maxSpansPerRoot = maxSpansPerRoot;
    this.maxAgeNanos = maxAgeNanos;
    this.ticker = ticker;
  }

  boolean hasRoom() {
    if (held.get() < maxSpans) {
      return true;
    }
    expire(ticker.nanoTime());
    return held.get() < maxSpans;
  }

  boolean holds(String spanId) {
    return bySpan.containsKey(spanId);
  }

  void startRoot(String spanId) {
    long now = ticker.nanoTime();
    expire(now);
    LocalRoot root = new LocalRoot(now, maxSpansPerRoot);
    if (!admit(root, spanId)) {
      drop(1);
      return;
    }
    synchronized (byAge) {
      byAge.add(root);
    }
  }

  void start(String spanId, String parentId) {
    LocalRoot root = bySpan.get(parentId);
    if (root == null || !admit(root, spanId)) {
      drop(1);
    }
  }

  /** Takes what a span's end decides, and gives what is to be passed on because of it. */
  List<SpanData> end(SpanData span, boolean isKept) {
    LocalRoot root = bySpan.get(span.getSpanId());
    if (root == null) {
      LocalRoot parents = bySpan.get(span.getParentSpanId());
      return parents != null && isKept ? parents.keep() : List.of();
    }
    List<SpanData> passedOn = root.end(span, isKept);
    if (root.isOver()) {
      release(root, root.isKept() ? Outcome.KEPT : Outcome.DISCARDED);
    }
    return passedOn;
  }

  void drop(int spans) {
    dropped.add(spans);
  }

  double roots(Outcome outcome) {
    return counter(outcome).sum();
  }

  double dropped() {
    return dropped.sum();
  }

  int held() {
    return held.get();
  }

  private boolean admit(LocalRoot root, String spanId) {
    if (held.getAndUpdate(n -> Math.min(n + 1, maxSpans)) == maxSpans) {
      return false;
    }
    // Before it is admitted: a root that expires meanwhile takes it out again.
    bySpan.put(spanId, root);
    if (!root.admit(spanId)) {
      bySpan.remove(spanId);
      held.decrementAndGet();
      return false;
    }
    return true;
  }

  private void expire(long now) {
    List<LocalRoot> old = new ArrayList<>();
    synchronized (byAge) {
      Iterator<LocalRoot> oldest = byAge.iterator();
      while (oldest.hasNext()) {
        LocalRoot root = oldest.next();
        if (now - root.startedAt() <= maxAgeNanos) {
          break;
        }
        oldest.remove();
        old.add(root);
      }
    }
    for (LocalRoot root : old) {
      drop(root.giveUp());
      release(root, root.isKept() ? Outcome.KEPT : Outcome.EXPIRED);
    }
  }

  private void release(LocalRoot root, Outcome outcome) {
    List<String> spans = root.release();
    if (spans.isEmpty()) {
      return;
    }
    spans.forEach(bySpan::remove);
    synchronized (byAge) {
      byAge.remove(root);
    }
    held.addAndGet(-spans.size());
    counter(outcome).increment();
  }

  private LongAdder counter(Outcome outcome) {
    return switch (outcome) {
      case KEPT -> kept;
      case DISCARDED -> discarded;
      case EXPIRED -> expired;
    };
  }
}
