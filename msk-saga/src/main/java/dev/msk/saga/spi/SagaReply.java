package dev.msk.saga.spi;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a command.
 *
 * @param sagaId of the saga that sent the command
 * @param step that sent it
 * @param undo whether it was the compensating command
 * @param source of the answer
 * @param messageId the answer's id
 * @param type the answer's event type
 * @param data the answer's bytes, null if there are none
 */
public record SagaReply(
    UUID sagaId,
    String step,
    boolean undo,
    String source,
    String messageId,
    String type,
    byte @Nullable [] data) {}
