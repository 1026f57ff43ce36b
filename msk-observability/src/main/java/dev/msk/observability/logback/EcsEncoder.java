package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.msk.observability.internal.JsonText;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines as JSON in the names of the Elastic Common Schema 8.11, one object a line: {@code @timestamp}, {@code log.level},
 * {@code message}, {@code ecs.version}, the service, {@code process.thread.name}, {@code log.logger}, {@code trace.id} and
 * {@code span.id}, {@code labels}, {@code error.*}.
 *
 * <p>The ids are those of OpenTelemetry's current span, or what its agent left in the MDC; {@code labels} holds the correlation
 * id of {@link dev.msk.core.CallContext}, the MDC and the key-value pairs of the call. Appenders that write on another thread need
 * {@link CaptureContext} as their filter.
 *
 * <p>Secrets are replaced by {@code ***} in message, stack trace, MDC and key-value pairs: values after {@code Authorization},
 * {@code password}, {@code secret}, {@code token}, {@code api_key}, {@code private_key}, {@code cookie}; bearer tokens, JWTs,
 * passwords in URLs; and what {@link #addMaskPattern} adds. What a program puts into a sentence without saying what it is, no
 * pattern finds.
 *
 * <p>Bounded: a message and {@code error.message} have 16,384 characters, a stack trace 32,768, a label 1,024, a line 64 labels. It
 * never throws: what cannot be written becomes a line that says so. Made and configured by Logback; thread-safe once started.
 */
public final class EcsEncoder extends EncoderBase<ILoggingEvent> {

  private static final String ECS_VERSION = "8.11";
  private static final int MAX_LABEL = 1024;
  private static final int MAX_LABELS = 64;
  private static final byte[] NOTHING = {};
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final SecretMasks masks = new SecretMasks();
  private @Nullable String serviceName;
  private @Nullable String serviceVersion;
  private @Nullable String serviceEnvironment;
  private @Nullable String eventDataset;
  private int maxMessageLength = 16_384;
  private int maxStackTraceLength = 32_768;

  /** Made by Logback, from its configuration. */
  public EcsEncoder() {}

  /**
   * Sets {@code service.name}; without it, the line has none.
   *
   * @param value for example {@code orders}
   */
  public void setServiceName(String value) {
    this.serviceName = value;
  }

  /**
   * Sets {@code service.version}; without it, the line has none.
   *
   * @param value for example {@code 1.4.2}
   */
  public void setServiceVersion(String value) {
    this.serviceVersion = value;
  }

  /**
   * Sets {@code service.environment}; without it, the line has none.
   *
   * @param value for example {@code production}
   */
  public void setServiceEnvironment(String value) {
    this.serviceEnvironment = value;
  }

  /**
   * Sets {@code event.dataset}; without it, the line has none.
   *
   * @param value for example {@code orders.log}
   */
  public void setEventDataset(String value) {
    this.eventDataset = value;
  }

  /**
   * Bounds the message.
   *
   * @param characters at least 1; default 16,384
   * @throws IllegalArgumentException if it is less
   */
  public void setMaxMessageLength(int characters) {
    this.maxMessageLength = positive("maxMessageLength", characters);
  }

  /**
   * Bounds the stack trace.
   *
   * @param characters at least 1; default 32,768
   * @throws IllegalArgumentException if it is less
   */
  public void setMaxStackTraceLength(int characters) {
    this.maxStackTraceLength = positive("maxStackTraceLength", characters);
  }

  /**
   * Adds a pattern of what must not be logged, beside those that are always looked for.
   *
   * @param regex what matches is replaced, or only its capturing groups if it has some; it must not backtrack without bound
   * @throws java.util.regex.PatternSyntaxException if it is none
   */
  public void addMaskPattern(String regex) {
    masks.add(regex);
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    try {
      return JsonText.object(json -> write(json, event), "\n");
    } catch (RuntimeException e) {
      addWarn("line not encoded", e);
      return JsonText.object(json -> unreadable(json, event, e), "\n");
    }
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  private void write(JsonGenerator json, ILoggingEvent event) throws IOException {
    LogContext context = LogContext.of(event);
    start(json, event, masked(event.getFormattedMessage(), maxMessageLength));
    field(json, "service.name", serviceName);
    field(json, "service.version", serviceVersion);
    field(json, "service.environment", serviceEnvironment);
    field(json, "event.dataset", eventDataset);
    json.writeStringField("process.thread.name", event.getThreadName());
    json.writeStringField("log.logger", event.getLoggerName());
    field(json, "trace.id", context.traceId());
    field(json, "span.id", context.spanId());
    labels(json, event, context);
    error(json, event.getThrowableProxy());
  }

  private static void start(JsonGenerator json, ILoggingEvent event, String message)
      throws IOException {
    json.writeStringField("@timestamp", TIMESTAMP.format(event.getInstant()));
    json.writeStringField("log.level", event.getLevel().toString());
    json.writeStringField("message", message);
    json.writeStringField("ecs.version", ECS_VERSION);
  }

  private static void unreadable(JsonGenerator json, ILoggingEvent event, RuntimeException error)
      throws IOException {
    start(json, event, "log line of " + event.getLoggerName() + " could not be encoded");
    json.writeStringField("log.logger", event.getLoggerName());
    json.writeStringField("error.type", error.getClass().getName());
  }

  private void labels(JsonGenerator json, ILoggingEvent event, LogContext context)
      throws IOException {
    Map<String, String> labels = new LinkedHashMap<>();
    if (context.correlationId() != null) {
      labels.put(LogContext.CORRELATION_ID, context.correlationId());
    }
    event.getMDCPropertyMap().forEach((key, value) -> label(labels, key, value));
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> label(labels, pair.key, pair.value));
    }
    if (!labels.isEmpty()) {
      json.writeObjectFieldStart("labels");
      for (Map.Entry<String, String> label : labels.entrySet()) {
        json.writeStringField(label.getKey(), label.getValue());
      }
      json.writeEndObject();
    }
  }

  private void label(Map<String, String> labels, @Nullable String key, @Nullable Object value) {
    if (key != null && value != null && !LogContext.isOwn(key) && labels.size() < MAX_LABELS) {
      labels.put(cut(key, MAX_LABEL), masks.mask(key, cut(text(value), MAX_LABEL)));
    }
  }

  private static String text(Object value) {
    try {
      return String.valueOf(value.toString());
    } catch (RuntimeException e) {
      return "[" + value.getClass().getName() + ".toString() failed]";
    }
  }

  private void error(JsonGenerator json, @Nullable IThrowableProxy error) throws IOException {
    if (error == null) {
      return;
    }
    json.writeStringField("error.type", error.getClassName());
    if (error.getMessage() != null) {
      json.writeStringField("error.message", masked(error.getMessage(), maxMessageLength));
    }
    json.writeStringField(
        "error.stack_trace", masks.mask(StackTraceText.of(error, maxStackTraceLength)));
  }

  private String masked(@Nullable String text, int max) {
    return text == null ? "" : masks.mask(cut(text, max));
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max) + "... cut at " + max;
  }

  private static void field(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
    }
    return value;
  }
}
