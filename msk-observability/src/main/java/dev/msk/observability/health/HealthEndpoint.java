package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.msk.observability.EndpointResponse;
import dev.msk.observability.internal.JsonText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The probes of an orchestrator, for any HTTP server.
 *
 * <p>{@code /health}, {@code /health/live}, {@code /health/ready} and {@code /health/started} answer in the form of MicroProfile
 * Health, {@code /livez} and {@code /readyz} in that of Spring Boot. The status is 200 when up, else 503. MicroProfile has no
 * status but {@code UP} and {@code DOWN}: what is neither is {@code DOWN} with a fact {@code state}. Thread-safe.
 */
public final class HealthEndpoint {

  private static final String JSON = "application/json";
  private static final List<String> PATHS =
      List.of("/health", "/health/live", "/health/ready", "/health/started", "/livez", "/readyz");

  private final HealthChecks checks;

  private HealthEndpoint(HealthChecks checks) {
    this.checks = checks;
  }

  /**
   * An endpoint for checks.
   *
   * @param checks what to tell
   * @return an endpoint
   */
  public static HealthEndpoint of(HealthChecks checks) {
    return new HealthEndpoint(requireNonNull(checks, "checks"));
  }

  /**
   * The paths that are ours.
   *
   * @return unmodifiable
   */
  public List<String> paths() {
    return PATHS;
  }

  /**
   * The answer to {@code GET} of a path.
   *
   * @param path of the request, without its query
   * @return the answer, empty if the path is none of ours
   */
  public Optional<EndpointResponse> get(String path) {
    return switch (path) {
      case "/health" -> Optional.of(microProfile(all()));
      case "/health/live" -> Optional.of(microProfile(checks.report(HealthGroup.LIVENESS)));
      case "/health/ready" -> Optional.of(microProfile(checks.report(HealthGroup.READINESS)));
      case "/health/started" -> Optional.of(microProfile(checks.report(HealthGroup.STARTUP)));
      case "/livez" -> Optional.of(boot(checks.report(HealthGroup.LIVENESS)));
      case "/readyz" -> Optional.of(boot(checks.report(HealthGroup.READINESS)));
      default -> Optional.empty();
    };
  }

  private HealthReport all() {
    HealthStatus worst = HealthStatus.UP;
    Map<String, Health> all = new LinkedHashMap<>();
    for (HealthGroup group : HealthGroup.values()) {
      HealthReport report = checks.report(group);
      worst = report.status().compareTo(worst) < 0 ? report.status() : worst;
      report.checks().forEach((name, health) -> all.merge(name, health, HealthEndpoint::worse));
    }
    return new HealthReport(worst, all);
  }

  private static Health worse(Health a, Health b) {
    return b.status().compareTo(a.status()) < 0 ? b : a;
  }

  private static EndpointResponse microProfile(HealthReport report) {
    return response(report, json -> {
      json.writeStringField("status", upOrDown(report.status()));
      json.writeArrayFieldStart("checks");
      for (Map.Entry<String, Health> check : report.checks().entrySet()) {
        Health health = check.getValue();
        json.writeStartObject();
        json.writeStringField("name", check.getKey());
        json.writeStringField("status", upOrDown(health.status()));
        boolean hidden = health.status() == HealthStatus.UNKNOWN
            || health.status() == HealthStatus.OUT_OF_SERVICE;
        Health shown = hidden ? health.with("state", health.status().name()) : health;
        data(json, "data", shown);
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static EndpointResponse boot(HealthReport report) {
    return response(report, json -> {
      json.writeStringField("status", report.status().name());
      json.writeObjectFieldStart("components");
      for (Map.Entry<String, Health> check : report.checks().entrySet()) {
        json.writeObjectFieldStart(check.getKey());
        json.writeStringField("status", check.getValue().status().name());
        data(json, "details", check.getValue());
        json.writeEndObject();
      }
      json.writeEndObject();
    });
  }

  private static EndpointResponse response(HealthReport report, JsonText.Content content) {
    int status = report.status() == HealthStatus.UP ? 200 : 503;
    return new EndpointResponse(status, JSON, JsonText.object(content, ""));
  }

  private static void data(JsonGenerator json, String field, Health health) throws IOException {
    if (!health.data().isEmpty()) {
      json.writeObjectFieldStart(field);
      for (Map.Entry<String, String> fact : health.data().entrySet()) {
        json.writeStringField(fact.getKey(), fact.getValue());
      }
      json.writeEndObject();
    }
  }

  private static String upOrDown(HealthStatus status) {
    return status == HealthStatus.UP ? "UP" : "DOWN";
  }
}
