package dev.msk.saga;

import java.util.UUID;

/**
 * What became of a start.
 *
 * @param id of the saga that has the business key
 * @param isNew whether this start began it; false if it had begun before
 */
public record SagaStart(UUID id, boolean isNew) {}
