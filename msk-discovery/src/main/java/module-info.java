/**
 * Discovery: registries, load balancing, clients that use them.
 *
 * <p>Jackson and gRPC are optional: they are needed by {@code dev.msk.discovery.eureka} and {@code dev.msk.discovery.grpc} only,
 * JUnit and AssertJ by the contract suites of {@code dev.msk.discovery.testing}.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.discovery {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive java.net.http;
  requires org.slf4j;
  requires static com.fasterxml.jackson.databind;
  requires static io.grpc;
  requires static org.junit.jupiter.api;
  requires static org.assertj.core;

  exports dev.msk.discovery;
  exports dev.msk.discovery.eureka;
  exports dev.msk.discovery.grpc;
  exports dev.msk.discovery.http;
  exports dev.msk.discovery.spi;
  exports dev.msk.discovery.testing;
}
