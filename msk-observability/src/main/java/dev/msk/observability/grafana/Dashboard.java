package dev.msk.observability.grafana;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A dashboard for Grafana, as JSON that its provisioning reads from a folder:
 *
 * <pre>{@code
 * for (Dashboard dashboard : Dashboard.values()) {
 *   Files.writeString(folder.resolve(dashboard.fileName()), dashboard.json());
 * }
 * }</pre>
 *
 * <p>Its {@code uid} never changes, so that links stay; its variables are {@code datasource}, {@code job} and {@code instance}. It shows
 * what {@link dev.msk.observability.prometheus.PrometheusEndpoint} exposes, by Prometheus's own labels. The files are resources of this
 * module too, in {@code META-INF/msk/grafana}.
 */
public enum Dashboard {
  /** The whole system on one page. */
  SYSTEM,
  /** Requests and RPCs, served and sent. */
  HTTP,
  /** Outbox, relay, consumers. */
  MESSAGING,
  /** Sagas and their steps. */
  SAGAS,
  /** Instances, as clients see them. */
  DISCOVERY,
  /** Call policies and load shedding. */
  CALLS,
  /** Refusals, keys, certificates. */
  SECURITY,
  /** JVM and process. */
  PROCESS;

  /**
   * The name of its file.
   *
   * @return for example {@code msk-messaging.json}
   */
  public String fileName() {
    return "msk-" + name().toLowerCase(Locale.ROOT) + ".json";
  }

  /**
   * The dashboard.
   *
   * @return JSON of Grafana's schema 39
   */
  public String json() {
    String resource = "/META-INF/msk/grafana/" + fileName();
    try (InputStream in = Dashboard.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + ": not in this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
