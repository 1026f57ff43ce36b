package dev.msk.saga.spi;

/**
 * A node that works on sagas.
 *
 * @param name for people
 * @param epoch of the node's lease: no other lease ever has it
 */
public record SagaOwner(String name, long epoch) {}
