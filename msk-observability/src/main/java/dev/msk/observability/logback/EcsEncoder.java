package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines as JSON in the names of the Elastic Common Schema 8.11, one object a line: {@code @timestamp}, {@code log.level},
 * {@code message}, {@code ecs.version}, the service, {@code process.thread.name}, {@code log.logger}, {@code trace.id} and
 * {@code span.id}, {@code labels}, {@code error.*}.
 *
 * <p>The ids are those of OpenTelemetry's current span, or what its agent left in the MDC; {@code labels} holds the correlation
 * id of {@link dev.msk.core.CallContext}, the MDC and the key-value pairs of the call. Appenders that write on another thread need
 * {@link CaptureContext} as their filter; {@link CountingAsyncAppender} keeps the ids by itself.
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

  private static final int MAX_LABEL = 1024;
  private static final int MAX_LABELS = 64;
  private static final byte[] NOTHING = {};

  private static final byte[] START = ascii("{\"@timestamp\":\"");
  private static final byte[] LEVEL = ascii("\",\"log.level\":");
  private static final byte[] MESSAGE = ascii(",\"message\":");
  private static final byte[] ECS_VERSION = ascii(",\"ecs.version\":\"8.11\"");
  private static final byte[] THREAD = ascii(",\"process.thread.name\":");
  private static final byte[] LOGGER = ascii(",\"log.logger\":");
  private static final byte[] TRACE = ascii(",\"trace.id\":");
  private static final byte[] SPAN = ascii(",\"span.id\":");
  private static final byte[] LABELS = ascii(",\"labels\":{");
  private static final byte[] ERROR_TYPE = ascii(",\"error.type\":");
  private static final byte[] ERROR_MESSAGE = ascii(",\"error.message\":");
  private static final byte[] ERROR_STACK_TRACE = ascii(",\"error.stack_trace\":\"");
  private static final byte[] END = ascii("}\n");

  private final SecretMasks masks = new SecretMasks();
  private final SpareBuffers buffers = new SpareBuffers();
  private final LineTime time = new LineTime();
  private byte @Nullable [] service;
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

  /** Writes down what all lines have in common. */
  @Override
  public void start() {
    service = service();
    super.start();
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    LineBuffer line = buffers.take();
    try {
      write(line, event);
    } catch (RuntimeException e) {
      addWarn("line not encoded", e);
      line.cutTo(0);
      unreadable(line, event, e);
    }
    byte[] encoded = line.raw(END).toBytes();
    buffers.giveBack(line);
    return encoded;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  private void write(LineBuffer line, ILoggingEvent event) {
    LogContext context = LogContext.of(event);
    start(line, event, masked(event.getFormattedMessage(), maxMessageLength));
    line.raw(service == null ? service() : service);
    field(line, THREAD, event.getThreadName());
    field(line, LOGGER, event.getLoggerName());
    field(line, TRACE, context.traceId());
    field(line, SPAN, context.spanId());
    labels(line, event, context.correlationId());
    error(line, event.getThrowableProxy());
  }

  private void start(LineBuffer line, ILoggingEvent event, String message) {
    time.write(line.raw(START), event.getTimeStamp());
    line.raw(LEVEL).string(event.getLevel().toString());
    line.raw(MESSAGE).string(message).raw(ECS_VERSION);
  }

  private void unreadable(LineBuffer line, ILoggingEvent event, RuntimeException error) {
    start(line, event, "log line of " + event.getLoggerName() + " could not be encoded");
    field(line, LOGGER, event.getLoggerName());
    line.raw(ERROR_TYPE).string(error.getClass().getName());
  }

  private byte[] service() {
    LineBuffer fields = new LineBuffer();
    field(fields, ascii(",\"service.name\":"), serviceName);
    field(fields, ascii(",\"service.version\":"), serviceVersion);
    field(fields, ascii(",\"service.environment\":"), serviceEnvironment);
    field(fields, ascii(",\"event.dataset\":"), eventDataset);
    return fields.toBytes();
  }

  /** The MDC goes from map to line; key-value pairs may have keys of the MDC or of one another, of which the last counts. */
  private void labels(LineBuffer line, ILoggingEvent event, @Nullable String correlationId) {
    Labels labels = new Labels(line);
    if (correlationId != null) {
      labels.write(LogContext.CORRELATION_ID, correlationId);
    }
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs == null || pairs.isEmpty()) {
      event.getMDCPropertyMap().forEach(labels);
    } else {
      Map<String, Object> all = new LinkedHashMap<>(event.getMDCPropertyMap());
      pairs.forEach(pair -> put(all, pair.key, pair.value));
      all.forEach(labels);
    }
    labels.end();
  }

  private static void put(Map<String, Object> all, @Nullable String key, @Nullable Object value) {
    if (key != null && value != null) {
      all.put(key, value);
    }
  }

  /** An object that begins with its first member. */
  private final class Labels implements BiConsumer<@Nullable String, @Nullable Object> {

    private final LineBuffer line;
    private int written;

    Labels(LineBuffer line) {
      this.line = line;
    }

    @Override
    public void accept(@Nullable String key, @Nullable Object value) {
      if (key != null && value != null && !LogContext.isOwn(key) && written < MAX_LABELS) {
        write(cut(key, MAX_LABEL), masks.mask(key, cut(text(value), MAX_LABEL)));
      }
    }

    private void write(String key, String value) {
      if (written++ == 0) {
        line.raw(LABELS);
      } else {
        line.raw(',');
      }
      line.string(key).raw(':').string(value);
    }

    private void end() {
      if (written > 0) {
        line.raw('}');
      }
    }
  }

  private static String text(Object value) {
    try {
      return String.valueOf(value.toString());
    } catch (RuntimeException e) {
      return "[" + value.getClass().getName() + ".toString() failed]";
    }
  }

  private void error(LineBuffer line, @Nullable IThrowableProxy error) {
    if (error == null) {
      return;
    }
    line.raw(ERROR_TYPE).string(error.getClassName());
    if (error.getMessage() != null) {
      line.raw(ERROR_MESSAGE).string(masked(error.getMessage(), maxMessageLength));
    }
    stackTrace(line.raw(ERROR_STACK_TRACE), error);
    line.raw('"');
  }

  /** Piece by piece, and only if one of them may hold a secret, as a text in which to look for it. */
  private void stackTrace(LineBuffer line, IThrowableProxy error) {
    int start = line.length();
    boolean harmless = StackTraceText.write(error, maxStackTraceLength, (piece, chars, said) -> {
      if (said && masks.mayHoldSecret(piece)) {
        return false;
      }
      line.text(piece, chars);
      return true;
    });
    if (!harmless) {
      line.cutTo(start);
      line.text(masks.mask(StackTraceText.of(error, maxStackTraceLength)));
    }
  }

  private String masked(@Nullable String text, int max) {
    return text == null ? "" : masks.mask(cut(text, max));
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max) + "... cut at " + max;
  }

  private static void field(LineBuffer line, byte[] name, @Nullable String value) {
    if (value != null) {
      line.raw(name).string(value);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
    }
    return value;
  }
}
