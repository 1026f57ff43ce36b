package dev.msk.observability.rules;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A rule that alerts while an expression has a value. Its annotations hold a summary, and a description that may use Prometheus's
 * templates ({@code {{ $labels.outbox }}}, {@code {{ $value }}}); {@code runbook_url} names the page that says what to do.
 *
 * <pre>{@code
 * AlertingRule.of("ShopQueueLong", Severity.TICKET, "max by (shop) (queue_length) > 100")
 *     .holdFor(Duration.ofMinutes(5))
 *     .summary("Customers wait in shop {{ $labels.shop }}")
 *     .runbook("https://runbooks.example.org/ShopQueueLong.md");
 * }</pre>
 *
 * Immutable: each method returns another one.
 *
 * @see <a href="https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/">Alerting rules</a>
 */
public final class AlertingRule implements Rule {

  private final String alert;
  private final String expression;
  private final Duration holdFor;
  private final Map<String, String> labels;
  private final Map<String, String> annotations;

  private AlertingRule(
      String alert,
      String expression,
      Duration holdFor,
      Map<String, String> labels,
      Map<String, String> annotations) {
    this.alert = alert;
    this.expression = expression;
    this.holdFor = holdFor;
    this.labels = labels;
    this.annotations = annotations;
  }

  /**
   * A rule that alerts at once, without annotations yet.
   *
   * @param alert its name, for example {@code MskOutboxStalled}
   * @param severity label {@code severity}
   * @param expression PromQL; each series of its result is an alert
   * @return the rule
   */
  public static AlertingRule of(String alert, Severity severity, String expression) {
    return of(alert, expression).label("severity", severity.label());
  }

  /**
   * A rule without a severity.
   *
   * @param alert its name
   * @param expression PromQL; each series of its result is an alert
   * @return the rule
   */
  public static AlertingRule of(String alert, String expression) {
    return new AlertingRule(
        requireNonNull(alert, "alert"),
        requireNonNull(expression, "expression"),
        Duration.ZERO,
        Map.of(),
        Map.of());
  }

  /**
   * Alerts when the expression had a value for so long.
   *
   * @param time default zero
   * @return another rule
   */
  public AlertingRule holdFor(Duration time) {
    return new AlertingRule(alert, expression, time, labels, annotations);
  }

  /**
   * Adds a label, by which Alertmanager routes.
   *
   * @param name of the label
   * @param value of the label
   * @return another rule
   */
  public AlertingRule label(String name, String value) {
    return new AlertingRule(alert, expression, holdFor, with(labels, name, value), annotations);
  }

  /**
   * Says in one line what is wrong.
   *
   * @param text annotation {@code summary}
   * @return another rule
   */
  public AlertingRule summary(String text) {
    return annotation("summary", text);
  }

  /**
   * Says what it means.
   *
   * @param text annotation {@code description}
   * @return another rule
   */
  public AlertingRule description(String text) {
    return annotation("description", text);
  }

  /**
   * Names the page that says what to do.
   *
   * @param url annotation {@code runbook_url}
   * @return another rule
   */
  public AlertingRule runbook(String url) {
    return annotation("runbook_url", url);
  }

  /**
   * Adds an annotation.
   *
   * @param name of the annotation
   * @param value which may use Prometheus's templates
   * @return another rule
   */
  public AlertingRule annotation(String name, String value) {
    return new AlertingRule(alert, expression, holdFor, labels, with(annotations, name, value));
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(all);
    more.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
    return Collections.unmodifiableMap(more);
  }

  /**
   * Its name.
   *
   * @return the alert
   */
  public String alert() {
    return alert;
  }

  @Override
  public String expression() {
    return expression;
  }

  /**
   * How long the expression must have a value.
   *
   * @return zero for at once
   */
  public Duration holdFor() {
    return holdFor;
  }

  /**
   * Labels in the order in which they were added.
   *
   * @return unmodifiable
   */
  public Map<String, String> labels() {
    return labels;
  }

  /**
   * Annotations in the order in which they were added.
   *
   * @return unmodifiable
   */
  public Map<String, String> annotations() {
    return annotations;
  }

  /** Name and expression. */
  @Override
  public String toString() {
    return alert + ": " + expression;
  }
}
