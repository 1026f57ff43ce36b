/**
 * Tokens, TLS identity, access rules.
 *
 * <p>gRPC, Kafka, Servlets and Vert.x are optional: each is needed by the package of its name only, gRPC by {@code dev.msk.security.spiffe} too; Caffeine by the cache of verified tokens, the
 * JDK's HTTP server by {@code dev.msk.security.testing} and {@code HttpServerSecurity}.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.security {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive java.net.http;
  requires com.fasterxml.jackson.databind;
  requires com.nimbusds.jose.jwt;
  requires jdk.jfr;
  requires org.slf4j;
  requires static com.github.benmanes.caffeine;
  requires static io.grpc;
  requires static io.grpc.netty.shaded;
  requires static io.vertx.core;
  requires static jakarta.servlet;
  requires static jdk.httpserver;
  requires static kafka.clients;
  requires static org.assertj.core;
  requires static org.junit.jupiter.api;

  exports dev.msk.security;
  exports dev.msk.security.grpc;
  exports dev.msk.security.http;
  exports dev.msk.security.jdbc;
  exports dev.msk.security.kafka;
  exports dev.msk.security.servlet;
  exports dev.msk.security.spi;
  exports dev.msk.security.spiffe;
  exports dev.msk.security.testing;
  exports dev.msk.security.vault;
  exports dev.msk.security.vertx;
}
