package dev.msk.saga.choreography;

import org.jspecify.annotations.Nullable;

/**
 * What became of an instance that an operator released.
 *
 * @param applied how many of the inputs that were kept it has taken
 * @param status where it is now; {@link InstanceStatus#QUARANTINED} if it could not take the next one
 * @param error why not, null otherwise
 */
public record ReleaseResult(
    int applied, InstanceStatus status, @Nullable String error) {}
