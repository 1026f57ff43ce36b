package dev.msk.saga.spi;

import java.util.UUID;

/**
 * What a saga that was begun by a step of another one belongs to.
 *
 * @param id of the other saga
 * @param step that began it
 * @param branch which of the step's sagas it is
 */
public record SagaParent(UUID id, String step, String branch) {}
