/** An outbox that Debezium reads instead of a relay; begin with {@link dev.msk.examples.debezium.OutboxUpkeep}. */
package dev.msk.examples.debezium;
