/** Observability: traces, metrics, logs, health, SLOs, alerts, dashboards. */
@org.jspecify.annotations.NullMarked
module dev.msk.observability {
  requires static org.jspecify;
  requires dev.msk.core;
}
