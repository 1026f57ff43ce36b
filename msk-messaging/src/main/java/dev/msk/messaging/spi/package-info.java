/**
 * What an adapter implements: {@link dev.msk.messaging.spi.EventTransport} for a broker, {@link
 * dev.msk.messaging.spi.OutboxStore} and {@link dev.msk.messaging.spi.InboxStore} for a database.
 */
package dev.msk.messaging.spi;
