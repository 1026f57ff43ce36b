package dev.msk.examples.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Collects the body of a request within the route's limits. Confined to the request's event loop. */
final class RequestBody {

  /** What is read of a body that nobody wants, so that the client sees the answer and not a broken connection. */
  private static final int MAX_DISCARDED = 1024 * 1024;

  private final HttpServerRequest request;
  private final Route route;
  private final Buffer collected = Buffer.buffer();
  private final Promise<Buffer> whole = Promise.promise();

  RequestBody(HttpServerRequest request, Route route) {
    this.request = request;
    this.route = route;
  }

  /**
   * Reads it.
   *
   * @return fails with a {@link Problem}: 415 for another media type or any encoding, 413 if it is too
   *     large, 417 for an expectation other than {@code 100-continue}, 408 if it does not come in time
   */
  Future<Buffer> read(Duration time, Vertx vertx) {
    try {
      check();
    } catch (Problem problem) {
      return Future.failedFuture(problem);
    }
    long timer = vertx.setTimer(
        Math.max(1, time.toMillis()),
        expired -> whole.tryFail(
            new Problem(408, "body: not complete in " + route.limits().time())
                .with("connection", "close")));
    request.handler(this::add);
    request.endHandler(end -> whole.tryComplete(collected));
    if (request.headers().contains("expect")) {
      request.response().writeContinue();
    }
    request.resume();
    return whole.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** The client is gone. */
  void giveUp() {
    whole.tryFail(new Problem(400, "body: broken off"));
  }

  /** Reads on without keeping anything; a client that does not come to an end is left. */
  static void discard(HttpServerRequest request) {
    if (request.isEnded()) {
      return;
    }
    long[] seen = {0};
    request.handler(part -> {
      seen[0] += part.length();
      if (seen[0] > MAX_DISCARDED) {
        request.connection().close();
      }
    });
    request.endHandler(end -> {});
    request.resume();
  }

  private void check() {
    String length = request.getHeader("content-length");
    boolean chunked = request.headers().contains("transfer-encoding");
    if (chunked || (length != null && !length.equals("0"))) {
      checkType();
    }
    if (length != null && Long.parseLong(length) > route.limits().body()) {
      throw tooLarge();
    }
    List<String> expect = request.headers().getAll("expect");
    if (!expect.stream().allMatch("100-continue"::equalsIgnoreCase)) {
      throw new Problem(417, "Expect: unknown (expected: 100-continue)");
    }
  }

  private void checkType() {
    String encoding = request.getHeader("content-encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Problem(415, "Content-Encoding: another one (expected: none)")
          .with("accept-encoding", "identity");
    }
    String type = request.getHeader("content-type");
    String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (request.headers().getAll("content-type").size() > 1 || !route.consumes().contains(media)) {
      String accepted = String.join(", ", route.consumes());
      throw new Problem(415, "Content-Type: another one (expected: " + accepted + ")")
          .with("accept", accepted);
    }
  }

  private void add(Buffer part) {
    if (whole.future().isComplete()) {
      return;
    }
    if (part.length() > route.limits().body() - collected.length()) {
      whole.tryFail(tooLarge());
    } else {
      collected.appendBuffer(part);
    }
  }

  private Problem tooLarge() {
    return new Problem(
        413, "body: too large (expected: at most " + route.limits().body() + " bytes)");
  }
}
