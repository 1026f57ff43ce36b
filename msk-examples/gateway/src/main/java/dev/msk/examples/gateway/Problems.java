package dev.msk.examples.gateway;

import dev.msk.core.resilience.CallRefusedException;
import dev.msk.discovery.NoInstanceException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;

/**
 * What goes wrong, as {@code application/problem+json}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
final class Problems {

  /** What the JDK's client says when a connection carries as many requests as its service allows. */
  private static final String TOO_MANY_STREAMS = "too many concurrent streams";

  private Problems() {}

  /**
   * Answers with a problem. The path is not repeated: it may be what was wrong. A problem with {@code
   * Connection: close} is the last answer of its connection.
   */
  static void answer(HttpServerRequest request, Problem problem, String correlationId) {
    HttpServerResponse response = request.response();
    problem.headers().forEach(response::putHeader);
    JsonObject body = new JsonObject()
        .put("type", "about:blank")
        .put("title", problem.title())
        .put("status", problem.status())
        .put("detail", problem.getMessage())
        .put("correlationId", correlationId);
    Future<Void> written = response
        .setStatusCode(problem.status())
        .putHeader("content-type", "application/problem+json")
        .putHeader("cache-control", "no-store")
        .putHeader(ForwardedHeaders.CORRELATION_ID, correlationId)
        .end(body.toBuffer());
    if (problem.headers().containsKey("connection")) {
      written.onComplete(done -> request.connection().close());
    }
  }

  /** Answers what is no HTTP/1.1, or too long; its connection ends, since nobody knows where the next request begins. */
  static void answerInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem = new Problem(400, "request: malformed (expected: HTTP/1.1, RFC 9112)");
    if (cause instanceof TooLongHttpLineException) {
      problem = new Problem(414, "target: too long (expected: at most 4096 bytes)");
    } else if (cause instanceof TooLongHttpHeaderException) {
      problem = new Problem(431, "headers: too long (expected: at most 16384 bytes)");
    }
    answer(request, problem.with("connection", "close"), ForwardedHeaders.newCorrelationId());
  }

  /** A call to a service that brought no answer. */
  static Problem ofCall(String service, Throwable cause) {
    if (cause instanceof CallRefusedException refused) {
      return ofRefusal(service, refused);
    }
    if (cause instanceof NoInstanceException) {
      return new Problem(503, service + ": no instance").with("retry-after", "1");
    }
    if (cause instanceof IOException && TOO_MANY_STREAMS.equals(cause.getMessage())) {
      return new Problem(503, service + ": busy").with("retry-after", "1");
    }
    if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
      return new Problem(503, service + ": cannot be reached").with("retry-after", "1");
    }
    if (cause instanceof HttpTimeoutException) {
      return late(service);
    }
    if (cause instanceof TooLargeException) {
      return new Problem(502, service + ": the answer is too large");
    }
    return new Problem(502, service + ": no valid answer");
  }

  /** A call that was not made: shed, to a service that fails, or with too little time. */
  private static Problem ofRefusal(String service, CallRefusedException refused) {
    return switch (refused.reason()) {
      case DEADLINE_EXPIRED, NO_TIME -> late(service);
      case BULKHEAD_FULL, LIMIT_REACHED -> notNow(service + ": busy", refused);
      case BREAKER_OPEN -> notNow(service + ": fails too often to be called", refused);
    };
  }

  private static Problem notNow(String detail, CallRefusedException refused) {
    long seconds = Math.max(1, refused.retryAfter().plusMillis(999).toSeconds());
    return new Problem(503, detail).with("retry-after", Long.toString(seconds));
  }

  /** The time that the route or the client grants is used up. */
  static Problem late(String service) {
    return new Problem(504, service + ": no answer in time");
  }
}
