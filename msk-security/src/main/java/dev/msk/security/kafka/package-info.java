/** Kafka clients with tokens and identities that follow their sources: {@link dev.msk.security.kafka.KafkaSecurity}. Needs {@code org.apache.kafka:kafka-clients}. */
package dev.msk.security.kafka;
