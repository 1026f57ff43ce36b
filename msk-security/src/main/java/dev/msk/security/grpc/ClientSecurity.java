package dev.msk.security.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.security.BearerToken;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Sends with each call what the next service must know: a token, and of the {@link CallContext} of the thread that calls the
 * correlation id, the time that is left, and whether somebody upstream repeats the call. Under a policy that is its attempt's context.
 *
 * <p>A token goes over encrypted connections only; on any other the call fails with {@code UNAUTHENTICATED}, and so does
 * one whose token cannot be had. Thread-safe; does not block.
 */
public final class ClientSecurity implements ClientInterceptor {

  private static final CompletionStage<Optional<String>> NO_TOKEN =
      CompletableFuture.completedFuture(Optional.empty());

  private final Supplier<CompletionStage<Optional<String>>> authorization;

  private ClientSecurity(Supplier<CompletionStage<Optional<String>>> authorization) {
    this.authorization = authorization;
  }

  /**
   * Forwards the {@link BearerToken} of the thread that calls; without one, the call carries none.
   *
   * @return an interceptor
   */
  public static ClientSecurity forwarding() {
    return new ClientSecurity(() -> BearerToken.current()
        .<CompletionStage<Optional<String>>>map(
            token -> CompletableFuture.completedFuture(Optional.of("Bearer " + token.value())))
        .orElse(NO_TOKEN));
  }

  /**
   * Sends a credential of this service's own.
   *
   * @param credentials where it comes from
   * @param peer name of the service that is called
   * @return an interceptor
   */
  public static ClientSecurity of(CredentialSource credentials, String peer) {
    requireNonNull(credentials, "credentials");
    requireNonNull(peer, "peer");
    return new ClientSecurity(() -> ownHeader(credentials, peer));
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    CallContext context = CallContext.current();
    CompletionStage<Optional<String>> token = authorization.get();
    CallOptions secured = sooner(options, context);
    if (token != NO_TOKEN) {
      secured = secured.withCallCredentials(new HeaderCredentials(token));
    }
    return new SimpleForwardingClientCall<>(next.newCall(method, secured)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        context.correlationId().filter(ClientSecurity::isAscii).ifPresent(id -> {
          headers.discardAll(CallMetadata.CORRELATION_ID);
          headers.put(CallMetadata.CORRELATION_ID, id);
        });
        if (context.retriedUpstream()) {
          headers.discardAll(CallMetadata.RETRIED_UPSTREAM);
          headers.put(CallMetadata.RETRIED_UPSTREAM, "true");
        }
        super.start(listener, headers);
      }
    };
  }

  /** The context's deadline, unless the call has an earlier one. */
  private static CallOptions sooner(CallOptions options, CallContext context) {
    Optional<Duration> left = context.remaining();
    io.grpc.Deadline own = options.getDeadline();
    if (left.isEmpty()
        || (own != null && own.timeRemaining(TimeUnit.NANOSECONDS) <= left.get().toNanos())) {
      return options;
    }
    return options.withDeadlineAfter(left.get().toNanos(), TimeUnit.NANOSECONDS);
  }

  private static CompletionStage<Optional<String>> ownHeader(
      CredentialSource credentials, String peer) {
    try {
      return credentials.credential(peer).thenApply(ClientSecurity::header);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Optional<String> header(Credential credential) {
    return Optional.of(credential.scheme() + " " + credential.value());
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
  }

  private static final class HeaderCredentials extends CallCredentials {

    private final CompletionStage<Optional<String>> value;

    HeaderCredentials(CompletionStage<Optional<String>> value) {
      this.value = value;
    }

    @Override
    public void applyRequestMetadata(
        RequestInfo request, Executor executor, MetadataApplier applier) {
      if (request.getSecurityLevel() != SecurityLevel.PRIVACY_AND_INTEGRITY) {
        applier.fail(
            Status.UNAUTHENTICATED.withDescription("token: not sent over an open connection"));
        return;
      }
      var unused = value.whenComplete((header, failure) -> {
        if (failure == null) {
          Metadata headers = new Metadata();
          header.ifPresent(text -> headers.put(CallMetadata.AUTHORIZATION, text));
          applier.apply(headers);
        } else {
          applier.fail(
              Status.UNAUTHENTICATED.withDescription("token: not to be had").withCause(failure));
        }
      });
    }
  }
}
