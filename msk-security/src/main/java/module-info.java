/**
 * Tokens, TLS identity, access rules.
 *
 * <p>gRPC is optional: it is needed by {@code dev.msk.security.grpc} only; Caffeine by the cache of verified tokens, and the JDK's
 * HTTP server by {@code dev.msk.security.testing}.
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
  requires static jdk.httpserver;
  requires static org.assertj.core;
  requires static org.junit.jupiter.api;

  exports dev.msk.security;
  exports dev.msk.security.grpc;
  exports dev.msk.security.http;
  exports dev.msk.security.jdbc;
  exports dev.msk.security.spi;
  exports dev.msk.security.testing;
}
