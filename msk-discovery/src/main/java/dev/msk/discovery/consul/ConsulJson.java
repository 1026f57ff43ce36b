package dev.msk.discovery.consul;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Consul's JSON.
 *
 * @see <a href="https://developer.hashicorp.com/consul/api-docs/health#list-service-instances-for-service">Consul, health</a>
 * @see <a href="https://developer.hashicorp.com/consul/api-docs/agent/service#register-service">Consul, register service</a>
 */
final class ConsulJson {

  private static final String ID = "instance-id";
  private static final String SECURE = "secure";
  private static final String WEIGHT = "weight";
  private static final String ZONE = "zone";
  private static final String VERSION = "version";
  private static final int OWN_METADATA = 5;
  private static final int MAX_METADATA = 64;
  private static final Pattern METADATA_KEY = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final int MAX_METADATA_VALUE = 512;
  private static final String CRITICAL = "critical";

  private final JsonMapper mapper = JsonMapper.builder().build();

  /** A segment of a path, or the value of a parameter. */
  static String encoded(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }

  /** The name that the agent gives to the one check of a service. */
  static String checkId(String serviceId) {
    return "service:" + serviceId;
  }

  List<Instance> instances(String service, byte[] body) throws IOException {
    JsonNode entries = mapper.readTree(body);
    if (!entries.isArray()) {
      throw new IOException("answer: " + entries.getNodeType() + " (expected: a list)");
    }
    List<Instance> instances = new ArrayList<>();
    for (JsonNode entry : entries) {
      Instance instance =
          instance(service, object(entry, "Node"), object(entry, "Service"), checks(entry));
      if (instance != null) {
        instances.add(instance);
      }
    }
    return instances;
  }

  private static JsonNode object(JsonNode parent, String field) throws IOException {
    JsonNode value = parent.path(field);
    if (!value.isObject()) {
      throw new IOException(field + ": " + value.getNodeType() + " (expected: an object)");
    }
    return value;
  }

  private static JsonNode checks(JsonNode entry) throws IOException {
    JsonNode checks = entry.path("Checks");
    if (!checks.isArray()) {
      throw new IOException("Checks: " + checks.getNodeType() + " (expected: a list)");
    }
    return checks;
  }

  /** What can be called of an entry; null if it says nothing that can be. */
  private static @Nullable Instance instance(
      String service, JsonNode node, JsonNode json, JsonNode checks) {
    Map<String, String> metadata = metadata(json.path("Meta"));
    String id = metadata.remove(ID);
    String secure = metadata.remove(SECURE);
    String weight = metadata.remove(WEIGHT);
    String zone = metadata.remove(ZONE);
    String version = metadata.remove(VERSION);
    String registeredAs = json.path("ID").asText();
    String address = json.path("Address").asText();
    try {
      return Instance.builder(
              service,
              address.isEmpty() ? node.path("Address").asText() : address,
              json.path("Port").asInt())
          .id(id == null ? node.path("Node").asText() + "/" + registeredAs : id)
          .tls(Boolean.parseBoolean(secure))
          .weight(weight == null ? weight(json.path("Weights")) : Integer.parseInt(weight))
          .zone(zone == null ? Instance.UNKNOWN : zone)
          .version(version == null ? Instance.UNKNOWN : version)
          .state(state(registeredAs, checks))
          .metadata(metadata)
          .build();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Map<String, String> metadata(JsonNode json) {
    Map<String, String> metadata = new HashMap<>();
    json.properties().forEach(field -> {
      if (field.getValue().isValueNode()) {
        metadata.put(field.getKey(), field.getValue().asText());
      }
    });
    return metadata;
  }

  private static int weight(JsonNode weights) {
    long passing = weights.path("Passing").asLong(1);
    return (int) Math.max(1, Math.min(Instance.MAX_WEIGHT, passing * Instance.DEFAULT_WEIGHT));
  }

  private static State state(String serviceId, JsonNode checks) {
    State state = State.UP;
    for (JsonNode check : checks) {
      if (!CRITICAL.equals(check.path("Status").asText())) {
        continue;
      }
      String id = check.path("CheckID").asText();
      if (id.equals("_node_maintenance") || id.equals("_service_maintenance:" + serviceId)) {
        return State.DRAINING;
      }
      boolean starting = id.equals(checkId(serviceId))
          && State.STARTING.name().equals(check.path("Notes").asText());
      state = starting && state != State.DOWN ? State.STARTING : State.DOWN;
    }
    return state;
  }

  /** Refuses what the agent would refuse. */
  static void checkMetadata(Instance instance) {
    Map<String, String> metadata = instance.metadata();
    if (metadata.size() > MAX_METADATA - OWN_METADATA) {
      throw new IllegalArgumentException("metadata: " + metadata.size()
          + " entries (expected: at most " + (MAX_METADATA - OWN_METADATA) + ")");
    }
    metadata.forEach((key, value) -> {
      if (!METADATA_KEY.matcher(key).matches()) {
        throw new IllegalArgumentException(
            "metadata: " + key + " (expected: keys of 1 to 128 of A-Z a-z 0-9 _ -)");
      }
      if (value.length() > MAX_METADATA_VALUE) {
        throw new IllegalArgumentException("metadata: " + key + " has " + value.length()
            + " characters (expected: at most " + MAX_METADATA_VALUE + ")");
      }
    });
  }

  /** The body that registers an instance. */
  byte[] registration(Instance instance, State state, Duration ttl, Duration deregisterAfter) {
    int weight = Math.max(1, Math.round((float) instance.weight() / Instance.DEFAULT_WEIGHT));
    ObjectNode json = mapper.createObjectNode();
    json.put("ID", instance.id());
    json.put("Name", instance.service());
    json.put("Address", instance.host());
    json.put("Port", instance.port());
    json.putObject("Weights").put("Passing", weight).put("Warning", weight);
    ObjectNode metadata = json.putObject("Meta");
    instance.metadata().forEach(metadata::put);
    metadata.put(ID, instance.id());
    metadata.put(SECURE, String.valueOf(instance.tls()));
    metadata.put(WEIGHT, String.valueOf(instance.weight()));
    metadata.put(ZONE, instance.zone());
    metadata.put(VERSION, instance.version());
    json.putObject("Check")
        .put("TTL", ttl.toMillis() + "ms")
        .put("Status", status(state))
        .put("Notes", state.name())
        .put("DeregisterCriticalServiceAfter", deregisterAfter.toSeconds() + "s");
    return bytes(json);
  }

  /** The body of a beat. */
  byte[] beat(State state) {
    return bytes(mapper.createObjectNode().put("Status", status(state)));
  }

  /** Whoever drains is healthy: that it wants no calls is said by maintenance. */
  private static String status(State state) {
    return state == State.UP || state == State.DRAINING ? "passing" : CRITICAL;
  }

  private byte[] bytes(ObjectNode json) {
    try {
      return mapper.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
