/**
 * Runs a suite of measurements and writes its results in the form that all suites share: {@link dev.msk.benchmarks.Main}.
 * A row says what it measures, beside it stands the least work that anybody must do, and a {@link dev.msk.benchmarks.Bar}
 * decides whether it is good enough.
 */
@org.jspecify.annotations.NullMarked
package dev.msk.benchmarks;
