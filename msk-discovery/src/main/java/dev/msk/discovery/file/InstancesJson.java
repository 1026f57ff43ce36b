package dev.msk.discovery.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Services and their instances as JSON, in the form that {@link FileSource} documents. */
final class InstancesJson {

  private static final JsonMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
      .build();

  private InstancesJson() {}

  static Map<String, List<Instance>> read(byte[] json) throws IOException {
    JsonNode root = MAPPER.readTree(json);
    if (!root.isObject()) {
      throw new IOException("file: " + root.getNodeType() + " (expected: an object by service)");
    }
    Map<String, List<Instance>> services = new HashMap<>();
    for (Map.Entry<String, JsonNode> service : root.properties()) {
      services.put(service.getKey(), instances(service.getKey(), service.getValue()));
    }
    return services;
  }

  private static List<Instance> instances(String service, JsonNode list) throws IOException {
    if (!list.isArray()) {
      throw new IOException(service + ": " + list.getNodeType() + " (expected: a list)");
    }
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        instances.add(instance(service, list.get(i)));
      } catch (IllegalArgumentException e) {
        throw new IOException(service + "[" + i + "]: " + e.getMessage(), e);
      }
    }
    return List.copyOf(instances);
  }

  private static Instance instance(String service, JsonNode json) {
    if (!json.isObject()) {
      throw new IllegalArgumentException(json.getNodeType() + " (expected: an object)");
    }
    Instance.Builder instance = Instance.builder(
        service, text("host", json.path("host")), number("port", json.path("port")));
    json.properties().forEach(field -> {
      String name = field.getKey();
      JsonNode value = field.getValue();
      switch (name) {
        case "host", "port" -> {}
        case "id" -> instance.id(text(name, value));
        case "tls" -> instance.tls(flag(name, value));
        case "weight" -> instance.weight(number(name, value));
        case "zone" -> instance.zone(text(name, value));
        case "version" -> instance.version(text(name, value));
        case "state" -> instance.state(state(value));
        case "metadata" -> instance.metadata(metadata(value));
        default ->
          throw new IllegalArgumentException(
              name + ": unknown (expected: host, port, id, tls, weight,"
                  + " zone, version, state or metadata)");
      }
    });
    return instance.build();
  }

  private static String text(String name, JsonNode value) {
    return expected(value.isTextual(), name, value, "text").asText();
  }

  private static int number(String name, JsonNode value) {
    return expected(value.isInt(), name, value, "a whole number").asInt();
  }

  private static boolean flag(String name, JsonNode value) {
    return expected(value.isBoolean(), name, value, "true or false").asBoolean();
  }

  private static State state(JsonNode value) {
    for (State state : State.values()) {
      if (state.name().equals(value.asText())) {
        return state;
      }
    }
    throw new IllegalArgumentException(
        "state: " + value + " (expected: one of " + List.of(State.values()) + ")");
  }

  private static Map<String, String> metadata(JsonNode value) {
    expected(value.isObject(), "metadata", value, "an object");
    Map<String, String> metadata = new HashMap<>();
    value
        .properties()
        .forEach(field ->
            metadata.put(field.getKey(), text("metadata." + field.getKey(), field.getValue())));
    return metadata;
  }

  private static JsonNode expected(boolean isFine, String name, JsonNode value, String expected) {
    if (!isFine) {
      String is = value.isMissingNode() ? "missing" : value.toString();
      throw new IllegalArgumentException(name + ": " + is + " (expected: " + expected + ")");
    }
    return value;
  }
}
