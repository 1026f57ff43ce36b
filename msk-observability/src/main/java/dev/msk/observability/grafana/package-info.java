/** Dashboards for Grafana, one for each block and one for the system: {@link dev.msk.observability.grafana.Dashboard}. */
package dev.msk.observability.grafana;
