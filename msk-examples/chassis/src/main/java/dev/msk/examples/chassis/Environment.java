package dev.msk.examples.chassis;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads settings from environment variables and remembers every one that is wrong, so that {@link
 * #check()} names them all at once. Not thread-safe.
 */
public final class Environment {

  private final Map<String, String> variables;
  private final List<String> faults = new ArrayList<>();

  private Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * Settings from these variables.
   *
   * @param variables such as {@link System#getenv()}
   * @return a reader
   */
  public static Environment of(Map<String, String> variables) {
    return new Environment(Map.copyOf(variables));
  }

  /**
   * Any text.
   *
   * @param name of the variable
   * @param fallback what holds when it is not set
   * @return its value
   */
  public String text(String name, String fallback) {
    return variables.getOrDefault(name, fallback);
  }

  /**
   * A text that may be missing.
   *
   * @param name of the variable
   * @return its value, empty if it is not set or has no characters
   */
  public Optional<String> optional(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /**
   * A port to listen on.
   *
   * @param name of the variable
   * @param fallback what holds when it is not set
   * @return 0 to 65535; 0 takes a random one
   */
  public int port(String name, int fallback) {
    return (int) number(name, fallback, 0, 65_535);
  }

  /**
   * A whole number.
   *
   * @param name of the variable
   * @param fallback what holds when it is not set
   * @param min the least
   * @param max the most
   * @return its value; the fallback when it is wrong
   */
  public long number(String name, long fallback, long min, long max) {
    String text = text(name, String.valueOf(fallback));
    try {
      long number = Long.parseLong(text);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    wrong(name, text, "a whole number, " + min + " to " + max);
    return fallback;
  }

  /**
   * A length of time.
   *
   * @param name of the variable
   * @param fallback what holds when it is not set, in ISO 8601
   * @param min the least
   * @param max the most
   * @return its value; the least when it is wrong
   */
  public Duration duration(String name, String fallback, Duration min, Duration max) {
    String text = text(name, fallback);
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0) {
        return duration;
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    wrong(name, text, min + " to " + max);
    return min;
  }

  /**
   * An address.
   *
   * @param name of the variable
   * @param fallback what holds when it is not set
   * @return an absolute http or https URL; the fallback when it is wrong
   */
  public URI uri(String name, String fallback) {
    String text = text(name, fallback);
    try {
      URI uri = URI.create(text);
      if (uri.getHost() != null && uri.getScheme().matches("https?")) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    wrong(name, text, "http://host:port/path or https://host:port/path");
    return URI.create(fallback);
  }

  /**
   * A folder that must be named and must exist.
   *
   * @param name of the variable
   * @return the folder
   */
  public Path folder(String name) {
    String text = text(name, "");
    Path folder = Path.of(text);
    if (text.isEmpty() || !Files.isDirectory(folder)) {
      wrong(name, text.isEmpty() ? "not set" : text, "a folder that is there");
    }
    return folder;
  }

  /**
   * All variables with a prefix, as properties: with {@code KAFKA_}, {@code
   * KAFKA_SESSION_TIMEOUT_MS=2000} is {@code session.timeout.ms=2000}.
   *
   * @param prefix with the underscore
   * @param defaults what holds for those that are not set
   * @return properties by name
   */
  public Map<String, String> prefixed(String prefix, Map<String, String> defaults) {
    Map<String, String> properties = new HashMap<>(defaults);
    variables.forEach((name, value) -> {
      if (name.startsWith(prefix)) {
        properties.put(
            name.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return Map.copyOf(properties);
  }

  /**
   * A name for this process among the instances of its service: {@code OWNER}, or service, host and
   * process id.
   *
   * @param service what it is an instance of
   * @return one name for each living process
   */
  public String owner(String service) {
    String host = text("HOSTNAME", "localhost");
    return text("OWNER", service + "@" + host + "-" + ProcessHandle.current().pid());
  }

  /**
   * Notes that a variable is wrong.
   *
   * @param name of the variable
   * @param value what it says
   * @param expected what it should say
   */
  public void wrong(String name, String value, String expected) {
    faults.add(name + ": " + value + " (expected: " + expected + ")");
  }

  /**
   * Call it when all settings are read.
   *
   * @throws IllegalArgumentException naming every variable that is wrong
   */
  public void check() {
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }
}
