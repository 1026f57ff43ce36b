/** RabbitMQ as {@link dev.msk.messaging.spi.EventTransport}: {@link dev.msk.messaging.rabbitmq.RabbitMqTransport}. Needs amqp-client. */
package dev.msk.messaging.rabbitmq;
