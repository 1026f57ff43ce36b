/**
 * The suite of telemetry: {@link dev.msk.benchmarks.observability.ObservabilitySuite}. A class for each measure, and beside it, in as few
 * lines as possible, the least work that anybody must do.
 */
@org.jspecify.annotations.NullMarked
package dev.msk.benchmarks.observability;
