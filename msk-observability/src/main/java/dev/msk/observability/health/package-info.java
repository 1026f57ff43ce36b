/**
 * Probes: {@link dev.msk.observability.health.HealthChecks} asks, in the background, and
 * {@link dev.msk.observability.health.HealthEndpoint} answers orchestrators.
 */
package dev.msk.observability.health;
