/**
 * Traces that failed or were slow, kept though they were not sampled: {@link dev.msk.observability.tail.TailSampling}. Needs
 * opentelemetry-sdk-trace.
 */
package dev.msk.observability.tail;
