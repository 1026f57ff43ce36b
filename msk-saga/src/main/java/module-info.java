/** Sagas, orchestrated and choreographed. */
@org.jspecify.annotations.NullMarked
module dev.msk.saga {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive dev.msk.messaging;
  requires org.slf4j;
  requires static org.junit.jupiter.api;
  requires static org.assertj.core;

  exports dev.msk.saga;
  exports dev.msk.saga.choreography;
  exports dev.msk.saga.jdbc;
  exports dev.msk.saga.spi;
  exports dev.msk.saga.testing;
}
