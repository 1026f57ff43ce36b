/** Apache Kafka as {@link dev.msk.messaging.spi.EventTransport}: {@link dev.msk.messaging.kafka.KafkaTransport}. Needs kafka-clients. */
package dev.msk.messaging.kafka;
