package dev.msk.examples.orders;

import dev.msk.core.resilience.CallHeaders;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.examples.chassis.Identity;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenVerifier;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Lets requests in: from the gateway alone, by its certificate, and for a customer whose token allows
 * it. The gateway has looked at the token, too; nobody here relies on that. A request whose time is
 * used up is not let in.
 */
final class Door {

  private static final CallHeaders CALL = CallHeaders.create();
  private static final String GATEWAY = Identity.spiffeId("gateway").toString();
  private static final HeaderGetter<MultiMap> HEADERS = new HeaderGetter<>() {
    @Override
    public String get(MultiMap headers, String name) {
      return headers.get(name);
    }

    @Override
    public List<String> getAll(MultiMap headers, String name) {
      return headers.getAll(name);
    }
  };

  private final BearerAuthentication authentication;
  private final HttpTelemetry telemetry;

  Door(TokenVerifier tokens, SecurityEvents events, HttpTelemetry telemetry) {
    this.authentication = BearerAuthentication.of(
            tokens,
            AccessRules.of(
                AccessRule.named("place-order")
                    .callers(GATEWAY)
                    .actions("POST /orders")
                    .scopes("orders:write"),
                AccessRule.named("show-order")
                    .callers(GATEWAY)
                    .actions("GET /orders/*")
                    .scopes("orders:read")))
        .events(events);
    this.telemetry = telemetry;
  }

  /** The handler of a route, before all others. */
  Handler<RoutingContext> on(String method, String route) {
    HttpServerRoute reported = telemetry.server(method, route);
    return request -> {
      HttpOperation operation =
          reported.start(request.request().path(), request.request().headers(), HEADERS);
      request.addEndHandler(
          ended -> operation.status(request.response().getStatusCode()).close());
      // Keys may have to be fetched: the body waits, and this request goes on where it began.
      request.request().pause();
      Context loop = request.vertx().getOrCreateContext();
      authentication
          .authenticateAsync(Request.of(
                  method, request.normalizedPath(), request.request().getHeader("Authorization"))
              .context(CALL.extract(request.request().headers(), HEADERS).build())
              .peer(request.request().connection().sslSession()))
          .whenComplete((outcome, failure) -> loop.runOnContext(back -> {
            if (failure == null) {
              decided(request, operation, outcome);
            } else {
              request.fail(failure);
            }
            // Last: whoever reads the body has said so by now.
            request.request().resume();
          }));
    };
  }

  private static void decided(RoutingContext request, HttpOperation operation, Outcome outcome) {
    if (outcome instanceof Outcome.Authenticated through) {
      new Caller(through.context(), operation).keepWith(request);
      request.next();
      return;
    }
    Outcome.Refused refused = (Outcome.Refused) outcome;
    request
        .response()
        .setStatusCode(refused.status())
        .putHeader("www-authenticate", refused.wwwAuthenticate())
        .putHeader("content-type", "application/problem+json")
        .end(refused.problem());
  }
}
