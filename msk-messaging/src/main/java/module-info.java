/** Event envelope, transactional outbox and inbox, consumers, brokers. */
@org.jspecify.annotations.NullMarked
module dev.msk.messaging {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive java.sql;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;
  requires static com.github.luben.zstd_jni;
  requires static com.google.protobuf;
  requires static com.rabbitmq.client;
  requires static kafka.clients;
  requires static org.postgresql.jdbc;
  requires static software.amazon.awssdk.awscore;
  requires static software.amazon.awssdk.core;
  requires static software.amazon.awssdk.services.sqs;
  requires static software.amazon.awssdk.utils;
  requires static org.junit.jupiter.api;
  requires static org.assertj.core;

  exports dev.msk.messaging;
  exports dev.msk.messaging.http;
  exports dev.msk.messaging.jdbc;
  exports dev.msk.messaging.json;
  exports dev.msk.messaging.kafka;
  exports dev.msk.messaging.protobuf;
  exports dev.msk.messaging.rabbitmq;
  exports dev.msk.messaging.spi;
  exports dev.msk.messaging.sqs;
  exports dev.msk.messaging.testing;
  exports dev.msk.messaging.zstd;
}
