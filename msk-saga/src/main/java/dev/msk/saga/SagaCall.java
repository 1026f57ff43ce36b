package dev.msk.saga;

import dev.msk.core.Deadline;
import java.util.UUID;

/**
 * One attempt at a remote step or at its compensation.
 *
 * @param sagaId of the saga
 * @param businessKey of the saga
 * @param step the step's name
 * @param idempotencyKey the same for every attempt at the step, in every process, and for its compensation: the participant does
 *     a key's work once, and undoes it by the key even when nobody knows whether it was done
 * @param attempt which attempt, from 1; more than one may have that number when a process died in it
 * @param deadline when the attempt is given up; the current {@link dev.msk.core.CallContext} has it too
 */
public record SagaCall(
    UUID sagaId,
    String businessKey,
    String step,
    String idempotencyKey,
    int attempt,
    Deadline deadline) {}
