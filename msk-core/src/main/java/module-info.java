/**
 * What every MSK block shares: call context, codec, time, life cycle, telemetry seam, JDBC transactions, schema and leases.
 *
 * <p>Jackson, JUnit and AssertJ are optional: they are needed by {@code dev.msk.core.jackson} and by parts of
 * {@code dev.msk.core.testing} only.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.core {
  requires static org.jspecify;
  requires transitive java.sql;
  requires org.slf4j;
  requires static com.fasterxml.jackson.databind;
  requires static org.assertj.core;
  requires static org.junit.jupiter.api;

  exports dev.msk.core;
  exports dev.msk.core.event;
  exports dev.msk.core.lifecycle;
  exports dev.msk.core.release;
  exports dev.msk.core.security;
  exports dev.msk.core.spi;
  exports dev.msk.core.telemetry;
  exports dev.msk.core.jdbc;
  exports dev.msk.core.jackson;
  exports dev.msk.core.testing;
}
