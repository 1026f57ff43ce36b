package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/** What a choreography was built with. */
record ChoreographySettings(
    Transactor transactor,
    Outbox outbox,
    Events events,
    Leases leases,
    Map<String, Participant<?, ?>> participants,
    TableNames names,
    Codec codec,
    ChoreographyTelemetry telemetry,
    int maxKept,
    int batchSize,
    Duration pollInterval,
    Duration surveyInterval,
    Duration drainTimeout,
    Duration retention,
    Duration stashRetention,
    Duration quarantineRetention,
    Duration auditRetention,
    Ticker ticker,
    ThreadFactory threads) {}
