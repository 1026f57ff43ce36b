package dev.msk.discovery.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one service, as they stand. Confined to one thread.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/">Kubernetes,
 *     EndpointSlice</a>
 */
final class EndpointSlices {

  private static final String IPV4 = "IPv4";
  private static final String IPV6 = "IPv6";

  private final String service;
  private final String portName;
  private final Map<String, JsonNode> slices = new TreeMap<>();

  EndpointSlices(String service, String portName) {
    this.service = service;
    this.portName = portName;
  }

  void put(JsonNode slice) throws IOException {
    slices.put(name(slice), slice);
  }

  void remove(JsonNode slice) throws IOException {
    slices.remove(name(slice));
  }

  private static String name(JsonNode slice) throws IOException {
    String name = slice.path("metadata").path("name").asText();
    if (name.isEmpty()) {
      throw new IOException("metadata.name: missing (expected: the name of a slice)");
    }
    return name;
  }

  /** A pod may be in two slices while Kubernetes moves it: it counts once. */
  List<Instance> instances() throws IOException {
    boolean hasIpv4 = slices.values().stream().anyMatch(slice -> IPV4.equals(family(slice)));
    Map<String, Instance> instances = new LinkedHashMap<>();
    for (JsonNode slice : slices.values()) {
      if (hasIpv4 && IPV6.equals(family(slice))) {
        continue;
      }
      JsonNode port = port(slice);
      for (JsonNode endpoint : list(slice, "endpoints")) {
        Instance instance = port == null ? null : instance(endpoint, port);
        if (instance != null) {
          instances.put(instance.id(), instance);
        }
      }
    }
    return new ArrayList<>(instances.values());
  }

  private static String family(JsonNode slice) {
    return slice.path("addressType").asText();
  }

  private static JsonNode list(JsonNode parent, String field) throws IOException {
    JsonNode value = parent.path(field);
    if (!value.isArray() && !value.isMissingNode() && !value.isNull()) {
      throw new IOException(field + ": " + value.getNodeType() + " (expected: a list)");
    }
    return value;
  }

  /** Null for a slice without the port, as it has while nobody is ready. */
  private @Nullable JsonNode port(JsonNode slice) throws IOException {
    JsonNode ports = list(slice, "ports");
    if (portName.isEmpty() && ports.size() > 1) {
      List<String> names = new ArrayList<>();
      ports.forEach(port -> names.add(port.path("name").asText()));
      throw new IOException(
          service + ": ports " + names + " (expected: portName(…) to choose one)");
    }
    for (JsonNode port : ports) {
      if (portName.isEmpty() || portName.equals(port.path("name").asText())) {
        return port;
      }
    }
    return null;
  }

  /** What can be called of an endpoint; null if it says nothing that can be. */
  private @Nullable Instance instance(JsonNode endpoint, JsonNode port) {
    String address = endpoint.path("addresses").path(0).asText();
    int number = port.path("port").asInt();
    String pod = endpoint.path("targetRef").path("name").asText();
    String zone = endpoint.path("zone").asText();
    String node = endpoint.path("nodeName").asText();
    boolean tls = "https".equals(port.path("appProtocol").asText())
        || "https".equals(port.path("name").asText());
    try {
      return Instance.builder(service, address, number)
          .id(pod.isEmpty() ? address + ":" + number : pod)
          .tls(tls)
          .zone(zone.isEmpty() ? Instance.UNKNOWN : zone)
          .state(state(endpoint.path("conditions")))
          .metadata(node.isEmpty() ? Map.of() : Map.of("node", node))
          .build();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** What is not said counts as ready, and whoever is ready serves. */
  private static State state(JsonNode conditions) {
    boolean terminating = conditions.path("terminating").asBoolean(false);
    boolean ready = conditions.path("ready").asBoolean(!terminating);
    boolean serving = conditions.path("serving").asBoolean(ready);
    if (!serving) {
      return State.DOWN;
    }
    return terminating ? State.DRAINING : State.UP;
  }
}
