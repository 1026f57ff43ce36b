package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** What the builder of a coordinator was told. */
public record EngineSettings(
    String name,
    Transactor transactor,
    SagaStore store,
    Leases leases,
    Executor executor,
    Codec codec,
    @Nullable CommandSender commands,
    Chance chance,
    SagaTelemetry telemetry,
    Map<DefinitionId, SagaShape<?>> shapes,
    int concurrency,
    Duration pollInterval,
    Duration drainTimeout,
    Duration retention,
    Ticker ticker,
    ThreadFactory threads) {

  /** The same, by other connections. */
  EngineSettings on(Transactor other) {
    return new EngineSettings(
        name,
        other,
        store,
        leases,
        executor,
        codec,
        commands,
        chance,
        telemetry,
        shapes,
        concurrency,
        pollInterval,
        drainTimeout,
        retention,
        ticker,
        threads);
  }
}
