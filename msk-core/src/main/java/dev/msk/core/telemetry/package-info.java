/**
 * How blocks report what they do: operations (a span and a duration), counters, gauges. Open
 * {@link dev.msk.core.telemetry.Telemetry} first. Nothing here depends on a telemetry library; an adapter of msk-observability
 * does.
 */
package dev.msk.core.telemetry;
