package dev.msk.examples.gateway;

import dev.msk.core.resilience.Priority;
import dev.msk.discovery.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code routes.yaml}, strictly: whatever is not understood is a fault, and all faults are told together. */
final class Routes {

  private static final Set<String> METHODS =
      Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT");
  private static final Set<String> WITH_BODY = Set.of("PATCH", "POST", "PUT");
  private static final int MIB = 1024 * 1024;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB)");
  private static final String SCOPE = "[\\x21\\x23-\\x5b\\x5d-\\x7e]+";
  private static final String MEDIA_TYPE = "[a-z0-9.+-]+/[a-z0-9.+-]+";

  private final List<String> faults = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> matches = new HashMap<>();

  private Routes() {}

  /**
   * Reads a file, or {@code routes.yaml} of the class path.
   *
   * @param file its path; empty for the one of the class path
   * @throws IllegalArgumentException naming each wrong field with its route, or that the file cannot be read
   */
  static List<Route> load(String file) {
    try (InputStream bytes = file.isEmpty()
        ? Routes.class.getResourceAsStream("/routes.yaml")
        : Files.newInputStream(Path.of(file))) {
      return parse(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be read", e);
    }
  }

  /**
   * Reads routes.
   *
   * @throws IllegalArgumentException naming each wrong field with its route
   */
  static List<Route> parse(String yaml) {
    Routes reader = new Routes();
    List<Route> routes = reader.routes(Yaml.read(yaml));
    if (!reader.faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", reader.faults));
    }
    return routes;
  }

  private List<Route> routes(Object document) {
    Fields root = Fields.of("", document, faults);
    List<Route> routes = new ArrayList<>();
    List<?> entries = root.list("routes", "at least one route");
    for (int i = 0; i < entries.size(); i++) {
      routes.add(route(i, entries.get(i)));
    }
    root.end();
    return List.copyOf(routes);
  }

  private Route route(int index, Object entry) {
    Fields route = Fields.of(label(index, entry), entry, faults);
    String name =
        route.text("name", null, "a-z, 0-9 and -, a letter first, not default, once", text -> {
          boolean well = text.matches("[a-z][a-z0-9-]{0,63}")
              && !text.equals("default")
              && names.put(text, text) == null;
          return required(well, text);
        });
    Fields match = route.within("match");
    String method = match.text(
        "method",
        null,
        "one of " + METHODS.stream().sorted().toList(),
        text -> required(METHODS.contains(text), text));
    PathTemplate path = match.text("path", null, PathTemplate.EXPECTED, PathTemplate::of);
    match.end();
    if (method != null && path != null) {
      String other = matches.putIfAbsent(method + " " + path.form(), String.valueOf(name));
      if (other != null) {
        faults.add(label(index, entry) + ".match: " + method + " " + path
            + " (expected: another than that of " + other + ")");
      }
    }
    String service =
        route.text("service", null, "a name in the registry", Instance::checkedService);
    List<String> scopes =
        route.texts("scopes", null, "a list of scopes, each once; [] for any valid token", SCOPE);
    List<String> consumes = route.texts(
        "consumes",
        List.of("application/json"),
        "a list of media types in lower case, without parameters",
        MEDIA_TYPE);
    Priority priority = route.text(
        "priority", Priority.DEFAULT, "critical, default or sheddable", Routes::priority);
    Route.Limits limits =
        limits(route.within("limits"), method != null && WITH_BODY.contains(method));
    route.end();
    return new Route(name, method, path, service, scopes, consumes, priority, limits);
  }

  private static Route.Limits limits(Fields limits, boolean withBody) {
    Integer body = limits.text(
        "body", withBody ? 64 * 1024 : 0, "0B to 16MiB, such as 64KiB", size(0, 16 * MIB));
    Integer response = limits.text("response", MIB, "1B to 64MiB, such as 1MiB", size(1, 64 * MIB));
    Duration time =
        limits.text("time", Duration.ofSeconds(5), "PT0.05S to PT5M, such as PT5S", Routes::time);
    limits.end();
    boolean whole = body != null && response != null && time != null;
    return whole ? new Route.Limits(body, response, time) : null;
  }

  /** A route is called by its name, or by its place if it has none that could be told. */
  private static String label(int index, Object entry) {
    return entry instanceof Yaml.Mapping mapping
            && mapping.values().get("name") instanceof String name
            && !name.isBlank()
        ? name
        : "routes[" + index + "]";
  }

  private static Function<String, Integer> size(int min, int max) {
    return text -> {
      Matcher size = SIZE.matcher(text);
      required(size.matches(), text);
      long unit = switch (size.group(2)) {
        case "KiB" -> 1024;
        case "MiB" -> MIB;
        default -> 1;
      };
      long bytes = Long.parseLong(size.group(1)) * unit;
      required(bytes >= min && bytes <= max, text);
      return (int) bytes;
    };
  }

  private static Duration time(String text) {
    try {
      Duration time = Duration.parse(text);
      required(
          time.compareTo(Duration.ofMillis(50)) >= 0 && time.compareTo(Duration.ofMinutes(5)) <= 0,
          text);
      return time;
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static Priority priority(String text) {
    return Priority.valueOf(required(text.matches("[a-z]+"), text).toUpperCase(Locale.ROOT));
  }

  private static String required(boolean well, String text) {
    if (!well) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }
}
