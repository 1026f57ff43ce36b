package dev.msk.examples.orders;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.observability.http.HttpOperation;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Callable;

/**
 * On whose behalf a request is worked on: the customer and the service that calls, and the trace.
 * Kept with the request, and made current in each thread that works on it.
 */
final class Caller {

  private static final String KEY = Caller.class.getName();

  private final CallContext context;
  private final HttpOperation operation;

  Caller(CallContext context, HttpOperation operation) {
    this.context = context;
    this.operation = operation;
  }

  /** The one of a request that {@link Door} has let in. */
  static Caller of(RoutingContext request) {
    return request.get(KEY);
  }

  void keepWith(RoutingContext request) {
    request.put(KEY, this);
  }

  /** The subject of the access token. */
  String customerId() {
    return context.subject().orElseThrow();
  }

  /** Work on its behalf, unless its time was used up while it waited for a thread: nobody would see the answer. */
  <T> Callable<T> runs(Callable<T> work) {
    return () -> {
      if (context.deadline().filter(Deadline::isExpired).isPresent()) {
        throw new Problem(
            504, "Too late", "waited too long for a worker; repeat with the same Idempotency-Key");
      }
      try (Scope trace = operation.makeCurrent();
          Scope call = context.makeCurrent()) {
        return work.call();
      }
    };
  }
}
