package dev.msk.discovery.eureka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Eureka's JSON, in the form that its server writes (a list of one may come without brackets, numbers as text).
 *
 * @see <a href="https://github.com/Netflix/eureka/wiki/Eureka-REST-operations">Eureka REST operations</a>
 */
final class EurekaJson {

  private static final String DATA_CENTER =
      "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
  private static final String ZONE = "zone";
  private static final String VERSION = "version";
  private static final String WEIGHT = "weight";

  private final JsonMapper mapper = JsonMapper.builder().build();

  /** The {@code applications} of an answer to {@code /apps} or {@code /apps/delta}. */
  JsonNode applications(byte[] body) throws IOException {
    JsonNode applications = mapper.readTree(body).get("applications");
    if (applications == null || !applications.isObject()) {
      throw new IOException("applications: missing (expected: an object)");
    }
    return applications;
  }

  static Iterable<JsonNode> list(JsonNode parent, String field) throws IOException {
    JsonNode value = parent.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (value.isObject()) {
      return List.of(value);
    }
    if (!value.isArray()) {
      throw new IOException(field + ": " + value.getNodeType() + " (expected: a list)");
    }
    return value;
  }

  static String text(JsonNode parent, String field) throws IOException {
    JsonNode value = parent.get(field);
    if (value == null || !value.isValueNode() || value.asText().isEmpty()) {
      throw new IOException(field + ": " + value + " (expected: text)");
    }
    return value.asText();
  }

  static String textOr(JsonNode parent, String field, String otherwise) {
    JsonNode value = parent.get(field);
    return value == null || !value.isValueNode() || value.isNull() ? otherwise : value.asText();
  }

  /** What can be called of an instance; null if it says nothing that can be. */
  static @Nullable Instance instance(JsonNode json, String app, String id) {
    Map<String, String> metadata = metadata(json.path("metadata"));
    JsonNode secure = json.path("securePort");
    boolean tls = Boolean.parseBoolean(textOr(secure, "@enabled", "false"));
    JsonNode port = tls ? secure : json.path("port");
    String zone = metadata.remove(ZONE);
    String version = metadata.remove(VERSION);
    String weight = metadata.remove(WEIGHT);
    try {
      return Instance.builder(
              app, textOr(json, "hostName", ""), Integer.parseInt(textOr(port, "$", "")))
          .id(id)
          .tls(tls)
          .weight(weight == null ? Instance.DEFAULT_WEIGHT : Integer.parseInt(weight))
          .zone(zone == null ? Instance.UNKNOWN : zone)
          .version(version == null ? Instance.UNKNOWN : version)
          .state(state(textOr(json, "status", "")))
          .metadata(metadata)
          .build();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Map<String, String> metadata(JsonNode json) {
    Map<String, String> metadata = new HashMap<>();
    json.properties().forEach(field -> {
      if (!field.getKey().startsWith("@") && field.getValue().isValueNode()) {
        metadata.put(field.getKey(), field.getValue().asText());
      }
    });
    return metadata;
  }

  private static State state(String status) {
    return switch (status) {
      case "UP" -> State.UP;
      case "DOWN" -> State.DOWN;
      case "OUT_OF_SERVICE" -> State.DRAINING;
      default -> State.STARTING;
    };
  }

  static String status(State state) {
    return switch (state) {
      case UP -> "UP";
      case DOWN -> "DOWN";
      case DRAINING -> "OUT_OF_SERVICE";
      case STARTING -> "STARTING";
    };
  }

  /** How services are named in paths. */
  static String app(String service) {
    return service.toUpperCase(Locale.ROOT);
  }

  /** The body that registers an instance. */
  byte[] registration(Instance instance, State state, Duration heartbeat, Duration lease) {
    ObjectNode root = mapper.createObjectNode();
    ObjectNode json = root.putObject("instance");
    json.put("instanceId", instance.id());
    json.put("app", app(instance.service()));
    json.put("hostName", instance.host());
    json.put("ipAddr", instance.host());
    json.put("vipAddress", instance.service());
    json.put("secureVipAddress", instance.service());
    json.put("status", status(state));
    port(json.putObject("port"), instance, !instance.tls());
    port(json.putObject("securePort"), instance, instance.tls());
    json.putObject("dataCenterInfo").put("@class", DATA_CENTER).put("name", "MyOwn");
    json.putObject("leaseInfo")
        .put("renewalIntervalInSecs", seconds(heartbeat))
        .put("durationInSecs", seconds(lease));
    ObjectNode metadata = json.putObject("metadata");
    instance.metadata().forEach(metadata::put);
    metadata.put(ZONE, instance.zone());
    metadata.put(VERSION, instance.version());
    metadata.put(WEIGHT, String.valueOf(instance.weight()));
    try {
      return mapper.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void port(ObjectNode json, Instance instance, boolean enabled) {
    json.put("$", instance.port()).put("@enabled", String.valueOf(enabled));
  }

  private static long seconds(Duration duration) {
    return Math.max(1, duration.toSeconds());
  }
}
