package dev.msk.observability.internal;

import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import io.opentelemetry.api.common.AttributeKey;
import java.util.List;
import java.util.Set;

/**
 * What OpenTelemetry's semantic conventions say about operations of known names: the name of the span, what the outcome is
 * called, and which outcomes are errors. HTTP and DB are stable, RPC is a release candidate, messaging in development.
 */
enum Convention {
  NONE("outcome", ""),
  HTTP_SERVER("http.response.status_code", "java-http-server"),
  HTTP_CLIENT("http.response.status_code", "java-http-client"),
  RPC_SERVER("rpc.response.status_code", "grpc"),
  RPC_CLIENT("rpc.response.status_code", "grpc"),
  MESSAGING("outcome", "kafka"),
  DATABASE("outcome", ""),
  SAGA_STEP("outcome", "");

  private static final Set<String> RPC_SERVER_ERRORS = Set.of(
      "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");
  private static final Set<String> NUMBERS = Set.of(
      "http.response.status_code",
      "server.port",
      "messaging.batch.message_count",
      "messaging.kafka.offset");

  private final String outcomeKey;
  private final String instrumentation;

  @SuppressWarnings("ImmutableEnumChecker") // keys are immutable, which Error Prone cannot see
  private final AttributeKey<String> outcomeText;

  @SuppressWarnings("ImmutableEnumChecker")
  private final AttributeKey<Long> outcomeNumber;

  Convention(String outcomeKey, String instrumentation) {
    this.outcomeKey = outcomeKey;
    this.instrumentation = instrumentation;
    this.outcomeText = AttributeKey.stringKey(outcomeKey);
    this.outcomeNumber = AttributeKey.longKey(outcomeKey);
  }

  static Convention of(OperationSpec spec) {
    return switch (spec.name()) {
      case "http.server.request" -> HTTP_SERVER;
      case "http.client.request" -> HTTP_CLIENT;
      case "rpc.server.call" -> RPC_SERVER;
      case "rpc.client.call" -> RPC_CLIENT;
      case "messaging.process", "messaging.client.operation" -> MESSAGING;
      case "db.client.operation" -> DATABASE;
      case "msk.saga.step" -> SAGA_STEP;
      default -> NONE;
    };
  }

  /** Attributes that the conventions type as whole numbers. */
  static boolean isNumber(String key) {
    return NUMBERS.contains(key);
  }

  String outcomeKey() {
    return outcomeKey;
  }

  /** What in OpenTelemetry's Java agent makes the same spans, empty for those that are ours alone. */
  String instrumentation() {
    return instrumentation;
  }

  boolean isCall() {
    return !instrumentation.isEmpty();
  }

  AttributeKey<String> outcomeText() {
    return outcomeText;
  }

  AttributeKey<Long> outcomeNumber() {
    return outcomeNumber;
  }

  /** What an operation ended with: what it said, or what it did not have to. */
  String outcome(String said, String exception) {
    if (!said.isEmpty() || !outcomeKey.equals("outcome")) {
      return said;
    }
    return exception.isEmpty() ? "ok" : "error";
  }

  /** The type of the exception, or the outcome if that is an error. */
  String errorType(String outcome, String exception) {
    return exception.isEmpty() && isError(outcome) ? outcome : exception;
  }

  private boolean isError(String outcome) {
    return switch (this) {
      case HTTP_SERVER -> outcome.compareTo("500") >= 0 && outcome.length() == 3;
      case HTTP_CLIENT -> outcome.compareTo("400") >= 0 && outcome.length() == 3;
      case RPC_SERVER -> RPC_SERVER_ERRORS.contains(outcome);
      case RPC_CLIENT -> !outcome.isEmpty() && !outcome.equals("OK");
      case NONE, MESSAGING, DATABASE, SAGA_STEP -> false;
    };
  }

  String spanName(OperationSpec spec, List<String> tagValues) {
    String name = switch (this) {
      case HTTP_SERVER -> join(method(spec, tagValues), tag(spec, tagValues, "http.route"));
      case HTTP_CLIENT -> join(method(spec, tagValues), tag(spec, tagValues, "url.template"));
      case RPC_SERVER, RPC_CLIENT -> tag(spec, tagValues, "rpc.method");
      case MESSAGING ->
        join(
            tag(spec, tagValues, "messaging.operation.name"),
            tag(spec, tagValues, "messaging.destination.name"));
      case DATABASE -> database(spec, tagValues);
      case SAGA_STEP -> sagaStep(spec, tagValues);
      case NONE -> "";
    };
    return name.isEmpty() || name.equals(Telemetry.OVERFLOW) ? spec.name() : name;
  }

  private static String sagaStep(OperationSpec spec, List<String> tagValues) {
    String verb = tag(spec, tagValues, "direction").equals("back") ? " undo" : "";
    return join(tag(spec, tagValues, "saga") + verb, tag(spec, tagValues, "step"));
  }

  private static String database(OperationSpec spec, List<String> tagValues) {
    String summary = tag(spec, tagValues, "db.query.summary");
    return summary.isEmpty()
        ? join(
            tag(spec, tagValues, "db.operation.name"), tag(spec, tagValues, "db.collection.name"))
        : summary;
  }

  private static String method(OperationSpec spec, List<String> tagValues) {
    String method = tag(spec, tagValues, "http.request.method");
    return method.equals(Telemetry.OVERFLOW) ? "HTTP" : method;
  }

  private static String join(String verb, String target) {
    if (verb.isEmpty() || target.isEmpty() || target.equals(Telemetry.OVERFLOW)) {
      return verb;
    }
    return verb + " " + target;
  }

  private static String tag(OperationSpec spec, List<String> tagValues, String key) {
    int index = spec.tagKeys().indexOf(key);
    return index < 0 ? "" : tagValues.get(index);
  }
}
