package dev.msk.saga.spi;

/**
 * What a saga works on alone: its semantic lock.
 *
 * @param name of the target, the same for all sagas that exclude each other
 * @param held whether the saga has it; false while it waits for its turn
 */
public record SagaTarget(String name, boolean held) {}
