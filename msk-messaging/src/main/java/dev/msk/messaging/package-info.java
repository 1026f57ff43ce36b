/**
 * Events that cross from one service's database to another's exactly once in effect. Open {@link
 * dev.msk.messaging.Outbox} first, then {@link dev.msk.messaging.OutboxRelay} and {@link
 * dev.msk.messaging.EventConsumer}.
 */
package dev.msk.messaging;
