package dev.msk.saga.spi;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a row must still be for a write to change it.
 *
 * @param id of the saga
 * @param owner who works on it; null for a write to a saga on which nobody works
 * @param rev of the row that the writer has read
 * @param target what the saga works on alone, or waits for: given back by a move that ends it; null for nothing
 */
public record SagaFence(
    UUID id, @Nullable SagaOwner owner, long rev, @Nullable String target) {}
