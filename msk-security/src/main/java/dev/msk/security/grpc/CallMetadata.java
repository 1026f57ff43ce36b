package dev.msk.security.grpc;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.resilience.CallHeaders;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a call carries beside its message. */
final class CallMetadata {

  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> CORRELATION_ID =
      Metadata.Key.of(CallHeaders.CORRELATION_ID, Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> RETRIED_UPSTREAM =
      Metadata.Key.of(CallHeaders.RETRIED_UPSTREAM, Metadata.ASCII_STRING_MARSHALLER);

  private static final String BEARER = "bearer ";

  private CallMetadata() {}

  /**
   * The token of a bearer; empty without one, or with one of another scheme. Of several credentials none is taken, since another server might have
   * taken another one: that is a token that no verifier takes.
   */
  static Optional<String> bearer(Metadata headers) {
    Iterable<String> values = headers.getAll(AUTHORIZATION);
    if (values == null) {
      return Optional.empty();
    }
    Iterator<String> all = values.iterator();
    String value = all.next();
    if (all.hasNext()) {
      return Optional.of("");
    }
    return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? Optional.of(value.substring(BEARER.length()))
        : Optional.empty();
  }

  /**
   * A context with what a call says of its flow, its deadline, which is gRPC's, and whether somebody upstream repeats it; a malformed
   * correlation id counts as none.
   */
  static CallContext.Builder context(Metadata headers) {
    CallContext.Builder builder = CallContext.builder();
    String id = headers.get(CORRELATION_ID);
    if (id != null) {
      try {
        builder.correlationId(id);
      } catch (IllegalArgumentException e) {
        builder = CallContext.builder();
      }
    }
    builder.retriedUpstream("true".equals(headers.get(RETRIED_UPSTREAM)));
    io.grpc.Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? builder
        : builder.deadline(
            Deadline.after(Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS))));
  }
}
