package dev.msk.observability.rules;

/** A rule that Prometheus evaluates: it records a series, or it alerts. Immutable. */
public sealed interface Rule permits RecordingRule, AlertingRule {

  /**
   * What is evaluated.
   *
   * @return PromQL
   */
  String expression();
}
