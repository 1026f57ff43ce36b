/**
 * What the blocks tell {@code Telemetry} as traces and metrics. Open {@link dev.msk.observability.MskTelemetry} first.
 *
 * <p>Around it: {@code .http} and {@code .grpc} for calls, {@code .tail} for traces that failed, {@code .prometheus} for
 * {@code /metrics}, {@code .health} for probes, {@code .logback} for log lines. Nothing here brings a web framework: what a
 * server has to answer is an {@link dev.msk.observability.EndpointResponse}.
 */
package dev.msk.observability;
