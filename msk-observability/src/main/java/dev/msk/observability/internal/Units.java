package dev.msk.observability.internal;

import org.jspecify.annotations.Nullable;

/** UCUM units as Micrometer's base units, whose plural ends up in Prometheus's names. */
final class Units {

  private Units() {}

  /** The base unit; none for counted things in braces, as OpenTelemetry's rule for Prometheus has it. */
  static @Nullable String base(String ucum) {
    return switch (ucum) {
      case "s" -> "seconds";
      case "ms" -> "milliseconds";
      case "By" -> "bytes";
      case "1" -> "ratio";
      default -> ucum.isEmpty() || ucum.startsWith("{") ? null : ucum;
    };
  }
}
