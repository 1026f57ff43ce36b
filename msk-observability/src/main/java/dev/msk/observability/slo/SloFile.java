package dev.msk.observability.slo;

import static java.util.Objects.requireNonNull;

import dev.msk.observability.internal.YamlNode;
import dev.msk.observability.internal.YamlText;
import dev.msk.observability.rules.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Objectives as Sloth's specification {@code prometheus/v1} has them, so that a file serves both:
 *
 * <pre>
 * version: prometheus/v1
 * service: orders
 * labels: {team: shop}
 * slos:
 *   - name: requests-availability
 *     objective: 99.9
 *     description: Orders can be placed.
 *     sli:
 *       events:                       # or raw: {error_ratio_query: …}
 *         error_query: sum(rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[{{.window}}]))
 *         total_query: sum(rate(http_server_request_duration_seconds_count[{{.window}}]))
 *     alerting:
 *       name: OrdersNotPlaced
 *       annotations: {runbook_url: https://runbooks.example.org/OrdersNotPlaced.md}
 *       page_alert: {labels: {receiver: phone}}
 *       ticket_alert: {labels: {receiver: desk}}
 * </pre>
 *
 * <p>What else Sloth knows (plugins, {@code for}, {@code disable}) is refused rather than left out unsaid. Read by {@code
 * org.snakeyaml:snakeyaml-engine}, an optional dependency.
 *
 * @see <a href="https://sloth.dev/specs/default/">Sloth, prometheus/v1</a>
 */
public final class SloFile {

  private SloFile() {}

  /**
   * Reads objectives.
   *
   * @param yaml one document, at most a million characters
   * @param name of the file, for messages
   * @return in the order in which they are written
   * @throws IllegalArgumentException if it is not of this form; says where and what was expected
   * @throws dev.msk.core.MissingDependencyException if snakeyaml-engine is not there
   */
  public static List<Slo> read(String yaml, String name) {
    requireNonNull(yaml, "yaml");
    YamlNode file =
        YamlNode.of(YamlText.read(yaml, name), name).only("version", "service", "labels", "slos");
    file.child("version").oneOf("prometheus/v1");
    String service = file.child("service").text();
    Map<String, String> labels = file.child("labels").texts();
    List<Slo> slos = new ArrayList<>();
    for (YamlNode slo : file.child("slos").list()) {
      slos.add(slo(service, labels, slo));
    }
    return List.copyOf(slos);
  }

  private static Slo slo(String service, Map<String, String> labels, YamlNode node) {
    node.only("name", "objective", "description", "labels", "sli", "alerting");
    Slo.Builder slo = Slo.builder(
        service,
        node.child("name").text(),
        node.child("objective").number(),
        sli(node.child("sli")));
    labels.forEach(slo::label);
    node.child("labels").texts().forEach(slo::label);
    node.child("description").optional().ifPresent(slo::description);
    alerting(node.child("alerting"), slo);
    return node.checked(slo::build);
  }

  private static void alerting(YamlNode node, Slo.Builder slo) {
    node.only("name", "labels", "annotations", "page_alert", "ticket_alert");
    node.child("name").optional().ifPresent(slo::alert);
    node.child("annotations").texts().forEach(slo::annotation);
    for (Severity severity : Severity.values()) {
      YamlNode alert = node.child(severity.label() + "_alert").only("labels");
      node.child("labels")
          .texts()
          .forEach((label, value) -> slo.alertLabel(severity, label, value));
      alert
          .child("labels")
          .texts()
          .forEach((label, value) -> slo.alertLabel(severity, label, value));
    }
  }

  private static Sli sli(YamlNode node) {
    node.only("events", "raw");
    if (node.has("raw")) {
      YamlNode raw = node.child("raw").only("error_ratio_query");
      return raw.checked(() -> Sli.raw(raw.child("error_ratio_query").text()));
    }
    YamlNode events = node.child("events").only("error_query", "total_query");
    return events.checked(() -> Sli.events(
        events.child("error_query").text(), events.child("total_query").text()));
  }
}
