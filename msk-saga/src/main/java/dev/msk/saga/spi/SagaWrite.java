package dev.msk.saga.spi;

/**
 * A change, and of which row.
 *
 * @param fence what the row must be
 * @param move the change
 */
public record SagaWrite(SagaFence fence, SagaMove move) {}
