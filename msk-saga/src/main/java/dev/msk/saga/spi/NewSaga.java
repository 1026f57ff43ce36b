package dev.msk.saga.spi;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A saga that begins.
 *
 * @param id of the saga
 * @param definition which it follows
 * @param businessKey unique among the sagas of all versions of the definition
 * @param step the first one
 * @param state encoded
 * @param deadline from now, null for none
 * @param origin what it belongs to
 */
public record NewSaga(
    UUID id,
    DefinitionId definition,
    String businessKey,
    String step,
    byte[] state,
    @Nullable Duration deadline,
    SagaOrigin origin) {}
