package dev.msk.discovery.eureka;

import com.fasterxml.jackson.databind.JsonNode;
import dev.msk.discovery.Instance;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that a Eureka server knows, as of one answer. Immutable. */
final class EurekaView {

  private static final Logger log = LoggerFactory.getLogger(EurekaRegistry.class);

  private final Map<String, Map<String, Entry>> services;

  private EurekaView(Map<String, Map<String, Entry>> services) {
    this.services = services;
  }

  /** An instance's status, which counts for the hash, and what can be called of it. */
  private record Entry(String status, @Nullable Instance instance) {}

  static EurekaView full(JsonNode applications) throws IOException {
    Map<String, Map<String, Entry>> services = new HashMap<>();
    apply(services, applications, false);
    return new EurekaView(services);
  }

  /** This and what an answer to {@code /apps/delta} changes. */
  EurekaView with(JsonNode delta) throws IOException {
    Map<String, Map<String, Entry>> changed = new HashMap<>();
    services.forEach((service, entries) -> changed.put(service, new LinkedHashMap<>(entries)));
    apply(changed, delta, true);
    return new EurekaView(changed);
  }

  /** This and a delta, if the two make what the server counts; else this. */
  EurekaView completedBy(JsonNode delta) {
    try {
      EurekaView changed = with(delta);
      String told = EurekaJson.text(delta, "apps__hashcode");
      return told.equals(changed.statusCounts()) ? changed : this;
    } catch (IOException e) {
      return this;
    }
  }

  private static void apply(
      Map<String, Map<String, Entry>> services, JsonNode applications, boolean delta)
      throws IOException {
    for (JsonNode application : EurekaJson.list(applications, "application")) {
      String service = EurekaJson.text(application, "name").toLowerCase(Locale.ROOT);
      Map<String, Entry> entries = services.computeIfAbsent(service, name -> new LinkedHashMap<>());
      for (JsonNode json : EurekaJson.list(application, "instance")) {
        String id = EurekaJson.textOr(json, "instanceId", "");
        if (id.isEmpty()) {
          id = EurekaJson.text(json, "hostName");
        }
        if (delta && EurekaJson.textOr(json, "actionType", "").equals("DELETED")) {
          entries.remove(id);
        } else {
          Instance instance = EurekaJson.instance(json, service, id);
          if (instance == null) {
            log.debug("{}: instance {} says nothing that can be called", service, id);
          }
          entries.put(id, new Entry(EurekaJson.textOr(json, "status", "UNKNOWN"), instance));
        }
      }
    }
  }

  /** How Eureka sums a registry up, which it calls a hash code: {@code DOWN_1_UP_3_}. */
  String statusCounts() {
    Map<String, Integer> counts = new TreeMap<>();
    services
        .values()
        .forEach(entries ->
            entries.values().forEach(entry -> counts.merge(entry.status(), 1, Integer::sum)));
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (status, count) -> text.append(status).append('_').append(count).append('_'));
    return text.toString();
  }

  List<Instance> instances(String service) {
    return services.getOrDefault(service, Map.of()).values().stream()
        .map(Entry::instance)
        .filter(Objects::nonNull)
        .toList();
  }
}
