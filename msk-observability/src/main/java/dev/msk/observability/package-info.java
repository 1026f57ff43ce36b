/** Will turn the telemetry of every block into traces, metrics, logs, health, SLOs and alerts. */
package dev.msk.observability;
