package dev.msk.observability.internal;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code OTEL_SEMCONV_STABILITY_OPT_IN} asks for: the newest names of conventions that have changed, or with {@code /dup}
 * the old ones beside them. The newest are what we say in any case, and the old ones we never said.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/non-normative/rpc-migration/">The switch, as RPC has it</a>
 */
public final class SemconvOptIn {

  private static final String VARIABLE = "OTEL_SEMCONV_STABILITY_OPT_IN";
  private static final String PROPERTY = "otel.semconv-stability.opt-in";
  private static final List<String> OLD_NAMES =
      List.of("http/dup", "rpc/dup", "messaging/dup", "database/dup");
  private static final Logger log = LoggerFactory.getLogger("dev.msk.observability.MskTelemetry");

  private final List<String> oldNames;

  private SemconvOptIn(List<String> oldNames) {
    this.oldNames = oldNames;
  }

  /** As the agent's and the SDK's settings: the system property before the environment variable. */
  public static SemconvOptIn ofThisProcess() {
    return of(System.getProperty(PROPERTY, System.getenv(VARIABLE)));
  }

  static SemconvOptIn of(@Nullable String value) {
    return new SemconvOptIn(Stream.of(value == null ? new String[0] : value.split(",", -1))
        .map(String::strip)
        .filter(OLD_NAMES::contains)
        .toList());
  }

  /** Conventions whose old names somebody waits for. */
  List<String> oldNames() {
    return oldNames;
  }

  /** A dashboard of old names would stay empty without a word. */
  public void warnOfOldNames() {
    if (!oldNames.isEmpty()) {
      log.warn(
          "{}: {} ask for old names, which MSK never had; it reports the newest ones alone",
          VARIABLE,
          oldNames);
    }
  }
}
