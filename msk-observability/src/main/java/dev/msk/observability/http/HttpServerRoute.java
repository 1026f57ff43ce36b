package dev.msk.observability.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.Telemetry;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A route that is served, ready to report requests. Thread-safe. */
public final class HttpServerRoute {

  private final Telemetry telemetry;
  private final BoundOperation bound;
  private final LongAdder active;
  private final @Nullable String originalMethod;

  HttpServerRoute(
      Telemetry telemetry,
      BoundOperation bound,
      LongAdder active,
      @Nullable String originalMethod) {
    this.telemetry = telemetry;
    this.bound = bound;
    this.active = active;
    this.originalMethod = originalMethod;
  }

  /**
   * Starts serving a request, as part of the trace that its headers name.
   *
   * @param path of the request, without its query
   * @param headers of the request
   * @param getter reads one header; give one that knows repeated headers, since a repeated {@code traceparent} is void
   * @param <C> the type of the headers
   * @return the running operation; set its status and close it when the response is out
   */
  public <C> HttpOperation start(String path, C headers, HeaderGetter<C> getter) {
    requireNonNull(path, "path");
    Operation operation = bound.start(telemetry.extract(headers, getter));
    operation.attribute("url.path", path);
    if (originalMethod != null) {
      operation.attribute("http.request.method_original", originalMethod);
    }
    active.increment();
    return new HttpOperation(operation, active::decrement);
  }
}
