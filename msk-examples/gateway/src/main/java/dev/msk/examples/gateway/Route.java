package dev.msk.examples.gateway;

import dev.msk.core.resilience.Priority;
import java.time.Duration;
import java.util.List;

/**
 * What is let in, and where it goes.
 *
 * @param name in logs, access decisions and faults
 * @param method of HTTP
 * @param path what its path looks like
 * @param service name in the registry
 * @param scopes that the token must have, all of them
 * @param consumes media types that the body may have, in lower case
 * @param priority how much it is missed when its service has too much to do
 * @param limits of size and time
 */
record Route(
    String name,
    String method,
    PathTemplate path,
    String service,
    List<String> scopes,
    List<String> consumes,
    Priority priority,
    Limits limits) {

  /**
   * Bounds of one request.
   *
   * @param body most bytes of the request's body
   * @param response most bytes of the body that comes back
   * @param time from the request's head to the end of the service's answer, retries included
   */
  record Limits(int body, int response, Duration time) {}
}
