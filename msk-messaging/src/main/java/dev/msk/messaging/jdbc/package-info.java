/** Outbox and inbox in PostgreSQL: {@link dev.msk.messaging.jdbc.PostgresOutboxStore}, {@link dev.msk.messaging.jdbc.PostgresInboxStore}. */
package dev.msk.messaging.jdbc;
