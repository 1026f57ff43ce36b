/**
 * Discovery: registries, load balancing, clients that use them.
 *
 * <p>Libraries are optional: Jackson is needed by the packages {@code consul}, {@code eureka}, {@code file} and {@code kubernetes} only, dnsjava
 * by {@code dns}, gRPC by {@code grpc}, JUnit and AssertJ by the contract suites of {@code testing}.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.discovery {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive java.net.http;
  requires org.slf4j;
  requires static com.fasterxml.jackson.databind;
  requires static io.grpc;
  requires static org.dnsjava;
  requires static org.junit.jupiter.api;
  requires static org.assertj.core;

  exports dev.msk.discovery;
  exports dev.msk.discovery.consul;
  exports dev.msk.discovery.dns;
  exports dev.msk.discovery.eureka;
  exports dev.msk.discovery.file;
  exports dev.msk.discovery.grpc;
  exports dev.msk.discovery.http;
  exports dev.msk.discovery.kubernetes;
  exports dev.msk.discovery.spi;
  exports dev.msk.discovery.testing;
}
