package dev.msk.saga.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a saga belongs to: the business flow and the trace in which it was started, so that its steps go on in them.
 *
 * @param correlationId of the flow, null if there was none
 * @param traceParent W3C trace context, null if there was none
 * @param traceState W3C trace context, null if there was none
 */
public record SagaOrigin(
    @Nullable String correlationId,
    @Nullable String traceParent,
    @Nullable String traceState) {}
