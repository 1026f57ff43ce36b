package dev.msk.examples.gateway;

import dev.msk.discovery.Instance;
import dev.msk.security.SpiffeId;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** An instance of a service: HTTP/2 over mutual TLS, on Vert.x. It answers as it is told. */
final class Upstream implements AutoCloseable {

  /** What it saw of a request. */
  record Seen(
      HttpVersion version,
      String tls,
      Optional<SpiffeId> caller,
      String method,
      String uri,
      MultiMap headers,
      String body) {}

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final List<HttpConnection> connections = new CopyOnWriteArrayList<>();
  private final Vertx vertx;
  private final HttpServer server;
  private final String service;
  private boolean closed;
  private volatile Handler<HttpServerRequest> answer = request ->
      request.response().putHeader("content-type", "application/json").end("{\"ok\":true}");

  private Upstream(Vertx vertx, HttpServer server, String service) {
    this.vertx = vertx;
    this.server = server;
    this.service = service;
  }

  /** Starts one with the files of an identity, for as many requests at once as the gateway takes. */
  static Upstream start(String service, Path identity) {
    return start(service, identity, Proxy.MAX_UNDER_WAY);
  }

  /** Starts one for so many requests at once on a connection. */
  static Upstream start(String service, Path identity, int streams) {
    Vertx vertx = Vertx.vertx();
    HttpServer server = vertx.createHttpServer(new HttpServerOptions()
        .setHost("127.0.0.1")
        .setPort(0)
        .setSsl(true)
        .setUseAlpn(true)
        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(streams))
        .setClientAuth(ClientAuth.REQUIRED)
        .setKeyCertOptions(new PemKeyCertOptions()
            .setKeyPath(identity.resolve("tls.key").toString())
            .setCertPath(identity.resolve("tls.crt").toString()))
        .setTrustOptions(
            new PemTrustOptions().addCertPath(identity.resolve("ca.crt").toString())));
    Upstream upstream = new Upstream(vertx, server, service);
    server
        .connectionHandler(upstream.connections::add)
        .requestHandler(upstream::handle)
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return upstream;
  }

  private void handle(HttpServerRequest request) {
    request.body().onSuccess((Buffer body) -> {
      seen.add(new Seen(
          request.version(),
          request.connection().sslSession().getProtocol(),
          SpiffeId.ofPeer(request.connection().sslSession()),
          request.method().name(),
          request.uri(),
          MultiMap.caseInsensitiveMultiMap().addAll(request.headers()),
          body.toString()));
      answer.handle(request);
    });
  }

  void answer(Handler<HttpServerRequest> handler) {
    answer = handler;
  }

  List<Seen> seen() {
    return seen;
  }

  Seen last() {
    return seen.get(seen.size() - 1);
  }

  int connections() {
    return connections.size();
  }

  Instance instance() {
    return Instance.builder(service, "127.0.0.1", server.actualPort()).tls(true).build();
  }

  /** Ends like a process that is killed: its connections break off, answers under way are lost. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    server
        .shutdown(0, TimeUnit.SECONDS)
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    connections.forEach(HttpConnection::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
