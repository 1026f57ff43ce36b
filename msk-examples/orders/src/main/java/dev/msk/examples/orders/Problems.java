package dev.msk.examples.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.messaging.KeyReusedException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every failed request with {@code application/problem+json}. */
final class Problems {

  private static final Logger log = LoggerFactory.getLogger(Problems.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Problems() {}

  /** Takes the failures of all routes, and the requests that no route wants. */
  static void handleOn(Router router) {
    router.route().failureHandler(Problems::answer);
    for (int status : new int[] {400, 404, 405, 406, 413, 415}) {
      router.errorHandler(status, Problems::answer);
    }
  }

  private static void answer(RoutingContext request) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.headWritten()) {
      return;
    }
    Problem problem = problem(request.failure(), request.statusCode());
    if (problem.status() == 503) {
      response.putHeader("retry-after", "1");
    }
    response
        .setStatusCode(problem.status())
        .putHeader("content-type", "application/problem+json")
        .end(json(problem.body(request.request().path())));
  }

  private static Problem problem(Throwable failure, int status) {
    if (failure instanceof Problem problem) {
      return problem;
    }
    if (failure instanceof KeyReusedException) {
      return new Problem(422, "Idempotency-Key reused", failure.getMessage());
    }
    if (failure instanceof DatabaseException) {
      log.warn("Request failed: {}", failure.toString());
      return new Problem(
          503, "Database unavailable", "try again with the same Idempotency-Key: it is safe");
    }
    if (status >= 400 && status < 500) {
      return new Problem(
          status, HttpResponseStatus.valueOf(status).reasonPhrase(), expected(status));
    }
    log.error("Request failed", failure);
    return new Problem(500, "Internal error", "the log of this service says more");
  }

  private static String expected(int status) {
    return switch (status) {
      case 404 -> "path: unknown (expected: /orders or /orders/{id})";
      case 405 -> "method: not for this path (expected: POST /orders, GET /orders/{id})";
      case 413 -> "body: too large (expected: at most 16384 bytes)";
      case 415 -> "Content-Type: another one (expected: application/json)";
      default -> "request: malformed (expected: HTTP)";
    };
  }

  private static String json(Problem.Body body) {
    try {
      return JSON.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings is JSON", e);
    }
  }
}
