package dev.msk.observability.internal;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's Java agent beside us, which makes spans of calls by itself. What its settings tell it to leave alone is ours:
 * {@code otel.javaagent.enabled}, {@code otel.instrumentation.common.default-enabled} and {@code
 * otel.instrumentation.[name].enabled}, as system properties or as environment variables.
 */
final class JavaAgent {

  private static final String CLASS = "io.opentelemetry.javaagent.OpenTelemetryAgent";

  private final boolean present;
  private final Function<String, @Nullable String> settings;

  JavaAgent(boolean present, Function<String, @Nullable String> settings) {
    this.present = present;
    this.settings = settings;
  }

  /** The agent of this JVM, which is on the system's class path from its start. */
  static JavaAgent ofThisProcess() {
    return new JavaAgent(isLoaded(), JavaAgent::setting);
  }

  /** Whether it makes the spans of operations that follow a convention. */
  boolean reports(Convention convention) {
    String instrumentation = convention.instrumentation();
    return present
        && !instrumentation.isEmpty()
        && isOn("otel.javaagent.enabled", true)
        && isOn(
            "otel.instrumentation." + instrumentation + ".enabled",
            isOn("otel.instrumentation.common.default-enabled", true));
  }

  private boolean isOn(String name, boolean otherwise) {
    String value = settings.apply(name);
    return (value == null || value.isBlank()) ? otherwise : Boolean.parseBoolean(value.strip());
  }

  private static boolean isLoaded() {
    try {
      var unused = Class.forName(CLASS, false, ClassLoader.getSystemClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static @Nullable String setting(String name) {
    String property = System.getProperty(name);
    return property == null
        ? System.getenv(name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
        : property;
  }
}
