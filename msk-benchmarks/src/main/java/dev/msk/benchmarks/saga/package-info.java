/**
 * The suite of the saga coordinator: {@link dev.msk.benchmarks.saga.SagaSuite}. A class for each measure, and beside it, in as few
 * lines as possible, the least work that anybody must do.
 */
@org.jspecify.annotations.NullMarked
package dev.msk.benchmarks.saga;
