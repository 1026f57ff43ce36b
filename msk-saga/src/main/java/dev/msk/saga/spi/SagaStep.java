package dev.msk.saga.spi;

import dev.msk.saga.SagaTransition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of a saga's history.
 *
 * @param rev that the saga's row got by it
 * @param transition the arrow that was taken
 * @param step that was tried, null when none was
 * @param attempt which attempt it was, 0 when none was
 * @param error of the attempt, null if it was good
 * @param node who wrote it, null for the application that started the saga and for replies
 * @param at by the database's clock
 */
public record SagaStep(
    long rev,
    SagaTransition transition,
    @Nullable String step,
    int attempt,
    @Nullable String error,
    @Nullable String node,
    Instant at) {}
