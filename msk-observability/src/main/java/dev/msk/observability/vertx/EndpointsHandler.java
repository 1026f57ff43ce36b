package dev.msk.observability.vertx;

import dev.msk.observability.EndpointResponse;
import dev.msk.observability.ManagementEndpoints;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** The handler of {@link VertxEndpoints}. Thread-safe. */
final class EndpointsHandler implements Handler<HttpServerRequest> {

  private final ManagementEndpoints endpoints;

  private EndpointsHandler(ManagementEndpoints endpoints) {
    this.endpoints = endpoints;
  }

  /** Of the interface's type, so that whoever only asks for the library can be verified without it. */
  static Handler<HttpServerRequest> of(ManagementEndpoints endpoints) {
    return new EndpointsHandler(endpoints);
  }

  @Override
  public void handle(HttpServerRequest request) {
    String asked = request.path();
    String path = asked == null ? "" : asked;
    String method = request.method().name();
    String accept = request.getHeader("Accept");
    if (endpoints.answersAtOnce(path)) {
      send(endpoints.answer(method, path, accept), request.response());
      return;
    }
    Vertx.currentContext()
        .executeBlocking(() -> endpoints.answer(method, path, accept), false)
        .onSuccess(response -> send(response, request.response()))
        .onFailure(error -> request.response().setStatusCode(500).end());
  }

  private static void send(EndpointResponse response, HttpServerResponse answer) {
    if (answer.closed()) {
      return;
    }
    answer.setStatusCode(response.status());
    answer.putHeader("Content-Type", response.contentType());
    response.headers().forEach(answer::putHeader);
    if (response.body().length == 0) {
      answer.end();
    } else {
      answer.end(Buffer.buffer(response.body()));
    }
  }
}
