package dev.msk.saga.spi;

import dev.msk.saga.SagaTransition;
import org.jspecify.annotations.Nullable;

/**
 * A change of the version that a saga follows. What it waits for, and until when, stays.
 *
 * @param transition the arrow, which leaves the status as it is
 * @param to which version
 * @param position the step to run or to compensate next, in that version
 * @param step its name, null when there is none
 * @param attempts at that step so far
 * @param crashes how often the owner was lost at that step
 * @param maybe whether an attempt at that step that {@code attempts} does not count may have taken place
 * @param state encoded, of that version
 * @param why for the history
 */
public record SagaRelocation(
    SagaTransition transition,
    DefinitionId to,
    int position,
    @Nullable String step,
    int attempts,
    int crashes,
    boolean maybe,
    byte[] state,
    String why) {}
