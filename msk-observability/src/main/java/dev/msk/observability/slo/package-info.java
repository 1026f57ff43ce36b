/**
 * Service level objectives: rules for Prometheus that alert when an error budget is spent too fast, and the same decision within the
 * process, in seconds. Open {@link dev.msk.observability.slo.Slo} first.
 */
package dev.msk.observability.slo;
