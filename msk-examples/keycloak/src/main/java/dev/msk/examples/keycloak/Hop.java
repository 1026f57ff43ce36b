package dev.msk.examples.keycloak;

import dev.msk.core.CallContext;
import java.util.Optional;

/**
 * What a service knows of a call that it has let in.
 *
 * @param service that was called
 * @param caller the workload that calls, by its certificate
 * @param subject the user that it calls for, by the token
 * @param correlationId of the business flow
 */
record Hop(
    String service,
    Optional<String> caller,
    Optional<String> subject,
    Optional<String> correlationId) {

  /** The call that this thread is in. */
  static Hop current(String service) {
    CallContext call = CallContext.current();
    return new Hop(service, call.caller(), call.subject(), call.correlationId());
  }
}
