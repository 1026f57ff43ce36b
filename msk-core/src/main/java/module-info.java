/**
 * What every MSK block shares: call context, codec, time, life cycle, resilience, telemetry seam, JDBC transactions, schema and
 * leases.
 *
 * <p>Jackson, Spring, Jakarta Transactions and jOOQ are optional: each is needed by the package of its name only. So are
 * Resilience4j, needed by the circuit breakers of {@code dev.msk.core.resilience}, and JUnit and AssertJ, needed by parts of
 * {@code dev.msk.core.testing}.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.core {
  requires static org.jspecify;
  requires transitive java.sql;
  requires org.slf4j;
  requires static com.fasterxml.jackson.databind;
  requires static io.github.resilience4j.circuitbreaker;
  requires static io.github.resilience4j.core;
  requires static jakarta.transaction;
  requires static org.assertj.core;
  requires static org.jooq;
  requires static org.junit.jupiter.api;
  requires static spring.core;
  requires static spring.jdbc;
  requires static spring.tx;

  exports dev.msk.core;
  exports dev.msk.core.event;
  exports dev.msk.core.lifecycle;
  exports dev.msk.core.release;
  exports dev.msk.core.resilience;
  exports dev.msk.core.security;
  exports dev.msk.core.spi;
  exports dev.msk.core.telemetry;
  exports dev.msk.core.jdbc;
  exports dev.msk.core.jackson;
  exports dev.msk.core.jakarta;
  exports dev.msk.core.jooq;
  exports dev.msk.core.spring;
  exports dev.msk.core.testing;
}
