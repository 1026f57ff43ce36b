package dev.msk.observability.http;

import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A server that is called, ready to report requests. Thread-safe. */
public final class HttpClientTarget {

  private final BoundOperation bound;
  private final @Nullable String originalMethod;

  HttpClientTarget(BoundOperation bound, @Nullable String originalMethod) {
    this.bound = bound;
    this.originalMethod = originalMethod;
  }

  /**
   * Starts a request; {@link HttpOperation#inject} writes the headers that continue the trace.
   *
   * @param parent what the request is part of, {@link dev.msk.core.telemetry.Telemetry#current()} as a rule
   * @param url of the request; its user, query and fragment are left out, since they may hold secrets
   * @return the running operation; set its status and close it when the response is in
   */
  public HttpOperation start(TelemetryContext parent, URI url) {
    Operation operation = bound.start(parent);
    operation.attribute("url.full", withoutSecrets(url));
    if (originalMethod != null) {
      operation.attribute("http.request.method_original", originalMethod);
    }
    return new HttpOperation(operation, () -> {});
  }

  private static String withoutSecrets(URI url) {
    String authority = url.getRawAuthority() == null ? "" : url.getRawAuthority();
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    return url.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path;
  }
}
