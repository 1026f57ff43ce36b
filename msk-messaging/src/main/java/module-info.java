/** Event envelope, transactional outbox and inbox, consumers, brokers. */
@org.jspecify.annotations.NullMarked
module dev.msk.messaging {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive java.sql;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;
  requires static kafka.clients;
  requires static org.junit.jupiter.api;
  requires static org.assertj.core;

  exports dev.msk.messaging;
  exports dev.msk.messaging.jdbc;
  exports dev.msk.messaging.kafka;
  exports dev.msk.messaging.spi;
  exports dev.msk.messaging.testing;
}
