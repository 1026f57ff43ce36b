package dev.msk.examples.gateway;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.resilience.CallHeaders;
import dev.msk.observability.http.HttpOperation;
import dev.msk.security.BearerToken;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way: token, size, body, call, answer. Confined to the request's event loop; what
 * other threads bring is handed over to it.
 *
 * <p>When the client goes away, the call to the service is cancelled.
 */
final class Passage {

  private static final Logger log = LoggerFactory.getLogger(Passage.class);
  private static final CallHeaders HEADERS = CallHeaders.create();

  /** How nginx calls a client that did not wait for its answer; it is only ever reported. */
  private static final int CLIENT_GONE = 499;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context loop;
  private final HttpOperation operation;
  private final AtomicInteger underWay;
  private final Consumer<HttpConnection> lastAnswer;
  private final String correlationId;
  private CallContext context;
  private Route route;
  private String target;
  private RequestBody body;
  private CompletableFuture<HttpResponse<byte[]>> call;
  private boolean over;

  Passage(
      HttpServerRequest request,
      Context loop,
      HttpOperation operation,
      AtomicInteger underWay,
      Consumer<HttpConnection> lastAnswer) {
    this.request = request;
    this.response = request.response();
    this.loop = loop;
    this.operation = operation;
    this.underWay = underWay;
    this.lastAnswer = lastAnswer;
    this.correlationId = ForwardedHeaders.correlationId(request.headers());
    this.context = CallContext.builder().correlationId(correlationId).build();
    response.closeHandler(closed -> gone());
    response.exceptionHandler(broken -> gone());
    request.exceptionHandler(broken -> gone());
  }

  /**
   * Lets the request in, if its token does.
   *
   * @param to its route
   * @param at path and query for the service
   */
  void begin(Route to, String at, BearerAuthentication authentication, Services services) {
    route = to;
    target = at;
    Deadline deadline = Deadline.after(time());
    context = context.toBuilder().deadline(deadline).build();
    if (request.headers().getAll("authorization").size() > 1) {
      refuse(new Problem(400, "Authorization: repeated (expected: once)"));
      return;
    }
    request.pause();
    Request parts = Request.of(
            route.method(), route.path().toString(), request.getHeader("authorization"))
        .context(context);
    try (Scope trace = operation.makeCurrent();
        Scope scope = context.makeCurrent()) {
      var unused = authentication
          .authenticateAsync(parts)
          .thenAccept(outcome -> onLoop(() -> decided(outcome, deadline, services)));
    }
  }

  /**
   * What the route grants, or what the client says that it waits if that is less. Whether somebody before
   * the gateway repeats requests is not asked: the gateway is the one that does.
   */
  private Duration time() {
    Duration granted = route.limits().time();
    return HEADERS
        .extract(request.headers(), MultiMap::get)
        .build()
        .remaining()
        .filter(wanted -> wanted.compareTo(granted) < 0)
        .orElse(granted);
  }

  private void decided(Outcome outcome, Deadline deadline, Services services) {
    if (outcome instanceof Outcome.Refused refused) {
      refuse(ofToken(refused));
      return;
    }
    Outcome.Authenticated through = (Outcome.Authenticated) outcome;
    context = through.context();
    body = new RequestBody(request, route);
    body.read(deadline.remaining(), loop.owner())
        .onSuccess(bytes -> guarded(() -> call(through.token(), bytes, services)))
        .onFailure(this::fail);
  }

  private void call(BearerToken token, Buffer bytes, Services services) {
    // The service by name: which instance it is, the client decides. Nothing but TLS will do.
    HttpRequest.Builder outgoing = HttpRequest.newBuilder(
            URI.create("https://" + route.service() + target))
        .method(
            route.method(),
            bytes.length() == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.ofByteArray(bytes.getBytes()));
    try {
      ForwardedHeaders.toService(request, token, correlationId, outgoing);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "headers: malformed (expected: RFC 9110, section 5)");
    }
    try (Scope trace = operation.makeCurrent();
        Scope scope = context.makeCurrent()) {
      call = services.call(route, outgoing.build());
    }
    var unused = call.whenComplete((answer, failure) -> onLoop(() -> {
      if (failure == null) {
        answer(answer);
      } else {
        failed(failure instanceof CompletionException ? failure.getCause() : failure);
      }
    }));
  }

  private void failed(Throwable cause) {
    Problem problem = Problems.ofCall(route.service(), cause);
    try (Scope trace = operation.makeCurrent();
        Scope scope = context.makeCurrent()) {
      log.warn("{}: {} for {}", route.name(), problem.status(), cause.toString());
    }
    refuse(problem);
  }

  private void answer(HttpResponse<byte[]> answer) {
    response.setStatusCode(answer.statusCode());
    ForwardedHeaders.toClient(answer.headers(), correlationId, response);
    if (route.method().equals("HEAD")) {
      answer
          .headers()
          .firstValue("content-length")
          .ifPresent(length -> response.putHeader("content-length", length));
    }
    try (Scope trace = operation.makeCurrent();
        Scope scope = context.makeCurrent()) {
      log.info("{}: {} from {}", route.name(), answer.statusCode(), route.service());
    }
    end(answer.statusCode());
    var unused =
        answer.body().length == 0 ? response.end() : response.end(Buffer.buffer(answer.body()));
  }

  private void fail(Throwable failure) {
    if (failure instanceof Problem problem) {
      refuse(problem);
    } else {
      log.error("{}: failed", route.name(), failure);
      refuse(new Problem(500, "gateway: failed; its log says why"));
    }
  }

  /** Answers with a problem; what is left of the request is read and thrown away. */
  void refuse(Problem problem) {
    if (over) {
      return;
    }
    end(problem.status());
    // Who waits to be asked for the body does not send it now.
    boolean waits = request.headers().contains("expect") && !request.isEnded();
    Problem answer = waits ? problem.with("connection", "close") : problem;
    if (answer.headers().containsKey("connection")) {
      lastAnswer.accept(request.connection());
    }
    RequestBody.discard(request);
    Problems.answer(request, answer, correlationId);
  }

  private Problem ofToken(Outcome.Refused refused) {
    return switch (refused.status()) {
      case 401 ->
        new Problem(401, "Authorization: no valid token (expected: Bearer token)")
            .with("www-authenticate", refused.wwwAuthenticate());
      case 403 ->
        new Problem(403, "Authorization: the token does not allow this")
            .with("www-authenticate", refused.wwwAuthenticate());
      case 504 -> Problems.late(route.service());
      default ->
        new Problem(refused.status(), "Authorization: cannot be checked now")
            .with("retry-after", "5");
    };
  }

  private void gone() {
    if (!over) {
      end(CLIENT_GONE);
      if (body != null) {
        body.giveUp();
      }
      if (call != null) {
        call.cancel(true);
      }
    }
  }

  private void end(int status) {
    over = true;
    underWay.decrementAndGet();
    operation.status(status).close();
  }

  private void onLoop(Runnable step) {
    loop.runOnContext(ignored -> guarded(step));
  }

  private void guarded(Runnable step) {
    try {
      if (!over) {
        step.run();
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }
}
