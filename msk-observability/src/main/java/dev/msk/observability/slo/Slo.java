package dev.msk.observability.slo;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.Faults;
import dev.msk.observability.rules.Severity;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A service level objective: of all events within 30 days, so many per cent shall be good. What may be bad is the error budget.
 *
 * <pre>{@code
 * Slo available = Slo.builder("orders", "requests-availability", 99.9, Sli.http("job=\"orders\""))
 *     .runbook("https://runbooks.example.org/OrdersAvailability.md")
 *     .build();
 * RuleFile.of(SloRules.of(available)).toYaml(); // for Prometheus
 * }</pre>
 *
 * Immutable.
 *
 * @see <a href="https://sre.google/workbook/alerting-on-slos/">Alerting on SLOs</a>
 */
public final class Slo {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][-_A-Za-z0-9]*");

  private final String service;
  private final String name;
  private final BigDecimal objective;
  private final Sli sli;
  private final String description;
  private final String alert;
  private final int minimumEvents;
  private final Map<String, String> labels;
  private final Map<Severity, Map<String, String>> alertLabels;
  private final Map<String, String> annotations;

  private Slo(Builder builder) {
    this.service = builder.service;
    this.name = builder.name;
    this.objective = BigDecimal.valueOf(builder.objective);
    this.sli = builder.sli;
    this.description = builder.description;
    this.alert = builder.alert.isEmpty() ? alertName(service, name) : builder.alert;
    this.minimumEvents = builder.minimumEvents;
    this.labels = new TreeMap<>(builder.labels);
    this.alertLabels = new EnumMap<>(builder.alertLabels);
    this.annotations = new TreeMap<>(builder.annotations);
  }

  /**
   * An objective that alerts at any traffic, by the name of service and objective.
   *
   * @param service whose it is: letters, digits, {@code -} and {@code _}
   * @param name of the objective within the service, of the same characters, for example {@code requests-availability}
   * @param objective per cent of the events that are to be good: more than 0, less than 100
   * @param sli which events are bad
   * @return a builder with these defaults
   */
  public static Builder builder(String service, String name, double objective, Sli sli) {
    return new Builder(
        requireNonNull(service, "service"),
        requireNonNull(name, "name"),
        objective,
        requireNonNull(sli, "sli"));
  }

  /** OrdersRequestsAvailability of orders and requests-availability. */
  private static String alertName(String service, String name) {
    StringBuilder alert = new StringBuilder();
    for (String word : (service + "-" + name).split("[-_]+", -1)) {
      if (!word.isEmpty()) {
        alert.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
      }
    }
    return alert.toString();
  }

  /**
   * Whose it is.
   *
   * @return the service
   */
  public String service() {
    return service;
  }

  /**
   * Its name within the service.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Service and name, as label {@code sloth_id} has them.
   *
   * @return for example {@code orders-requests-availability}
   */
  public String id() {
    return service + "-" + name;
  }

  /**
   * The share of events that is to be good.
   *
   * @return for example 0.999
   */
  public BigDecimal objectiveRatio() {
    return objective.movePointLeft(2).stripTrailingZeros();
  }

  /**
   * The share of events that may be bad.
   *
   * @return for example 0.001
   */
  public BigDecimal errorBudget() {
    return BigDecimal.ONE.subtract(objectiveRatio()).stripTrailingZeros();
  }

  /**
   * Per cent of the events that are to be good.
   *
   * @return for example 99.9
   */
  public BigDecimal objective() {
    return objective.stripTrailingZeros();
  }

  Sli sli() {
    return sli;
  }

  /**
   * What it means.
   *
   * @return empty if nothing was said
   */
  public String description() {
    return description;
  }

  /**
   * The name of its alerts.
   *
   * @return for example {@code OrdersRequestsAvailability}
   */
  public String alert() {
    return alert;
  }

  int minimumEvents() {
    return minimumEvents;
  }

  Map<String, String> labels() {
    return labels;
  }

  Map<String, String> alertLabels(Severity severity) {
    return alertLabels.getOrDefault(severity, Map.of());
  }

  Map<String, String> annotations() {
    return annotations;
  }

  /** Id and objective. */
  @Override
  public String toString() {
    return id() + ": " + objective().toPlainString() + " %";
  }

  /** Builds an {@link Slo}. Confined to one thread. */
  public static final class Builder {

    private final String service;
    private final String name;
    private final double objective;
    private final Sli sli;
    private final Map<String, String> labels = new TreeMap<>();
    private final Map<Severity, Map<String, String>> alertLabels = new EnumMap<>(Severity.class);
    private final Map<String, String> annotations = new TreeMap<>();
    private String description = "";
    private String alert = "";
    private int minimumEvents;

    private Builder(String service, String name, double objective, Sli sli) {
      this.service = service;
      this.name = name;
      this.objective = objective;
      this.sli = sli;
    }

    /**
     * Says what it means.
     *
     * @param text in the alerts' description
     * @return this
     */
    public Builder description(String text) {
      this.description = requireNonNull(text, "text");
      return this;
    }

    /**
     * Names its alerts.
     *
     * @param value default service and name in camel case
     * @return this
     */
    public Builder alert(String value) {
      this.alert = requireNonNull(value, "value");
      return this;
    }

    /**
     * Names the page that says what to do.
     *
     * @param url annotation {@code runbook_url}; default none
     * @return this
     */
    public Builder runbook(String url) {
      return annotation("runbook_url", url);
    }

    /**
     * Adds an annotation to its alerts, or replaces {@code summary} or {@code description}.
     *
     * @param annotation its name
     * @param text which may use Prometheus's templates
     * @return this
     */
    public Builder annotation(String annotation, String text) {
      annotations.put(requireNonNull(annotation, "annotation"), requireNonNull(text, "text"));
      return this;
    }

    /**
     * Adds a label to its alerts of one severity, by which Alertmanager routes them.
     *
     * @param severity of the alert
     * @param label name of the label; {@code severity} replaces the one that is there
     * @param value of the label
     * @return this
     */
    public Builder alertLabel(Severity severity, String label, String value) {
      alertLabels
          .computeIfAbsent(severity, first -> new TreeMap<>())
          .put(requireNonNull(label, "label"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Bounds from below how many events there must be within the longer window of an alert, so that two failures in a quiet night wake
     * nobody. An outage that lets nothing through is then found by its absence of traffic, not by this objective.
     *
     * @param events 0 or more; default 0, any
     * @return this
     */
    public Builder minimumEvents(int events) {
      this.minimumEvents = events;
      return this;
    }

    /**
     * Adds a label to all its series, and by them to its alerts.
     *
     * @param label name of the label
     * @param value of the label
     * @return this
     */
    public Builder label(String label, String value) {
      labels.put(requireNonNull(label, "label"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Builds it.
     *
     * @return the objective
     * @throws IllegalArgumentException if something is out of bounds; the message names all that is
     */
    public Slo build() {
      String word = "letters, digits, - and _";
      new Faults()
          .check(NAME.matcher(service).matches(), "service", service, word)
          .check(NAME.matcher(name).matches(), "name", name, word)
          .check(
              objective > 0 && objective < 100,
              "objective",
              objective,
              "more than 0, less than 100")
          .check(minimumEvents >= 0, "minimumEvents", minimumEvents, "0 or more")
          .check(
              minimumEvents == 0 || !sli.total("1m").isEmpty(),
              "minimumEvents",
              minimumEvents,
              "0, since the indicator is a ratio that knows no number of events")
          .report();
      return new Slo(this);
    }
  }
}
