package dev.msk.examples.orders;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * The REST API. Handlers run on the event loop and never wait there: what touches the database runs
 * on the workers.
 */
final class OrderRoutes {

  private static final String ORDERS = "/orders";
  private static final int MAX_BODY_BYTES = 16 * 1024;

  /** Requests that wait for a worker; the next one is told to come again. */
  private static final int MAX_WAITING = 512;

  private final OrderDesk desk;
  private final Door door;
  private final WorkerExecutor workers;
  private final Semaphore places = new Semaphore(MAX_WAITING);

  OrderRoutes(OrderDesk desk, Door door, WorkerExecutor workers) {
    this.desk = desk;
    this.door = door;
    this.workers = workers;
  }

  Router router(Vertx vertx) {
    Router router = Router.router(vertx);
    router.get(ORDERS + "/:id").handler(door.on("GET", ORDERS + "/{id}")).handler(this::show);
    // A route of its own: nobody's body is read before it is known who sends it.
    router.post(ORDERS).consumes("application/json").handler(door.on("POST", ORDERS));
    router
        .post(ORDERS)
        .consumes("application/json")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES))
        .handler(this::place);
    Problems.handleOn(router);
    return router;
  }

  private void place(RoutingContext request) {
    String key = request.request().getHeader("Idempotency-Key");
    if (key == null || key.isBlank() || key.length() > 255) {
      throw new Problem(
          400,
          "Invalid Idempotency-Key",
          "Idempotency-Key: " + (key == null ? "missing" : key.length() + " characters")
              + " (expected: 1 to 255 characters, the same when the request is repeated)");
    }
    Buffer body = request.body().buffer();
    NewOrder wanted = NewOrder.parse(body == null ? new byte[0] : body.getBytes());
    String customerId = customerId(request);
    onWorker(request, () -> desk.place(customerId, key, wanted))
        .onSuccess(taken -> {
          HttpServerResponse response = request
              .response()
              .setStatusCode(201)
              .putHeader("location", ORDERS + "/" + taken.order().id());
          if (taken.repeated()) {
            response.putHeader("Idempotent-Replayed", "true");
          }
          send(response, new Body(taken.order(), null));
        })
        .onFailure(request::fail);
  }

  private void show(RoutingContext request) {
    String id = request.pathParam("id");
    UUID uuid;
    try {
      uuid = UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw unknown();
    }
    String customerId = customerId(request);
    onWorker(request, () -> desk.find(customerId, uuid).orElseThrow(OrderRoutes::unknown))
        .onSuccess(shown -> send(request.response(), new Body(shown.order(), shown.reason())))
        .onFailure(request::fail);
  }

  private <T> Future<T> onWorker(RoutingContext request, Callable<T> work) {
    if (!places.tryAcquire()) {
      return Future.failedFuture(new Problem(
          503, "Too busy", MAX_WAITING + " requests wait already; repeat with the same key"));
    }
    return workers
        .executeBlocking(Caller.of(request).runs(work), false)
        .onComplete(done -> places.release());
  }

  private static String customerId(RoutingContext request) {
    String customerId = Caller.of(request).customerId();
    if (!NewOrder.isName(customerId)) {
      throw new Problem(
          403, "Forbidden", "sub: another one (expected: 1 to 64 letters, digits and . _ @ -)");
    }
    return customerId;
  }

  private static void send(HttpServerResponse response, Body body) {
    response
        .putHeader("content-type", "application/json")
        .end(JsonObject.mapFrom(body).toBuffer());
  }

  private static Problem unknown() {
    return new Problem(404, "Unknown order", "id: no such order (expected: the id of an order)");
  }

  /**
   * As it is sent.
   *
   * @param order its members are those of the JSON object
   * @param reason why it was cancelled; not there when it was not
   */
  record Body(
      @JsonUnwrapped Order order,
      @JsonInclude(JsonInclude.Include.NON_NULL) CancelReason reason) {}
}
