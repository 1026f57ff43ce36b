package dev.msk.observability.internal;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code tracestate} as it came, by the grammar of W3C Trace Context level 2. OpenTelemetry's {@link TraceState} takes a part
 * of what that allows: a key that begins with a digit, or has an {@code @} at its end, is not for it. So the members that it
 * takes are in the span's context, where samplers see and change them, and all of them beside it in the context, where
 * {@link #written} finds them. Immutable.
 *
 * @see <a href="https://www.w3.org/TR/trace-context-2/#tracestate-header">W3C Trace Context level 2, tracestate</a>
 */
final class ReceivedTraceState {

  static final int MAX_MEMBERS = 32;

  private static final int MAX_TEXT = 256;
  private static final ContextKey<ReceivedTraceState> KEY =
      ContextKey.named("msk-received-tracestate");

  private final String traceId;
  private final Map<String, String> members;
  private final TraceState known;

  private ReceivedTraceState(String traceId, Map<String, String> members, TraceState known) {
    this.traceId = traceId;
    this.members = members;
    this.known = known;
  }

  /** The context with what a header says about the remote span in it; a void header says nothing. */
  static Context read(String header, Context context) {
    Map<String, String> members = parse(header);
    if (members.isEmpty()) {
      return context;
    }
    SpanContext span = Span.fromContext(context).getSpanContext();
    TraceState known = known(members);
    Context stated = context.with(Span.wrap(SpanContext.createFromRemoteParent(
        span.getTraceId(), span.getSpanId(), span.getTraceFlags(), known)));
    return known.size() == members.size()
        ? stated
        : stated.with(KEY, new ReceivedTraceState(span.getTraceId(), members, known));
  }

  /** The header for the span of a context, empty without members. */
  static String written(Context context) {
    SpanContext span = Span.fromContext(context).getSpanContext();
    TraceState state = span.getTraceState();
    ReceivedTraceState received = context.get(KEY);
    boolean ofThisTrace = received != null && received.traceId.equals(span.getTraceId());
    return text(ofThisTrace ? received.changedTo(state) : state.asMap());
  }

  /** What is new or has changed goes to the left, and what came keeps its order, as the recommendation asks. */
  private Map<String, String> changedTo(TraceState state) {
    if (state.equals(known)) {
      return members;
    }
    Map<String, String> changed = new LinkedHashMap<>();
    state.forEach((key, value) -> {
      if (!value.equals(known.get(key))) {
        changed.put(key, value);
      }
    });
    members.forEach((key, value) -> {
      if (known.get(key) == null || value.equals(state.get(key))) {
        changed.putIfAbsent(key, value);
      }
    });
    return changed;
  }

  private static String text(Map<String, String> members) {
    StringBuilder text = new StringBuilder();
    int written = 0;
    for (Map.Entry<String, String> member : members.entrySet()) {
      if (written++ == MAX_MEMBERS) {
        break;
      }
      if (text.length() > 0) {
        text.append(',');
      }
      text.append(member.getKey()).append('=').append(member.getValue());
    }
    return text.toString();
  }

  /** A member that is void, or one too many, makes all of it void; of a key that comes twice the left one, the younger, counts. */
  private static Map<String, String> parse(String header) {
    Map<String, String> members = new LinkedHashMap<>();
    int count = 0;
    int end;
    for (int start = 0; start <= header.length(); start = end + 1) {
      int comma = header.indexOf(',', start);
      end = comma < 0 ? header.length() : comma;
      String member = Headers.trimmed(header, start, end);
      if (member.isEmpty()) {
        continue;
      }
      int equals = member.indexOf('=');
      if (++count > MAX_MEMBERS || !isKey(member, equals) || !isValue(member, equals + 1)) {
        return Map.of();
      }
      members.putIfAbsent(member.substring(0, equals), member.substring(equals + 1));
    }
    return members;
  }

  private static boolean isKey(String member, int length) {
    if (length < 1 || length > MAX_TEXT || !isLowerCaseOrDigit(member.charAt(0))) {
      return false;
    }
    for (int i = 1; i < length; i++) {
      char c = member.charAt(i);
      if (!isLowerCaseOrDigit(c) && "_-*/@".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLowerCaseOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static boolean isValue(String member, int start) {
    int length = member.length() - start;
    if (length < 1 || length > MAX_TEXT) {
      return false;
    }
    for (int i = start; i < member.length(); i++) {
      char c = member.charAt(i);
      if (c < ' ' || c > '~' || c == '=') {
        return false;
      }
    }
    return true;
  }

  /** What OpenTelemetry's builder takes, which puts each member before the others. */
  private static TraceState known(Map<String, String> members) {
    List<String> keys = new ArrayList<>(members.keySet());
    var known = TraceState.builder();
    for (int i = keys.size() - 1; i >= 0; i--) {
      String key = keys.get(i);
      known.put(key, members.getOrDefault(key, ""));
    }
    return known.build();
  }
}
