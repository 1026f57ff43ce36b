package dev.msk.observability.rules;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * A rule that records the value of an expression as a series of its own.
 *
 * @param record name of the series, {@code level:metric:operations}
 * @param expression PromQL
 * @param labels what the series also bears
 * @see <a href="https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/">Recording rules</a>
 */
public record RecordingRule(String record, String expression, Map<String, String> labels)
    implements Rule {

  /**
   * Keeps copies.
   *
   * @param record name of the series
   * @param expression PromQL
   * @param labels what the series also bears
   */
  public RecordingRule {
    requireNonNull(record, "record");
    requireNonNull(expression, "expression");
    labels = Map.copyOf(labels);
  }
}
