package dev.msk.security.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.security.Authorizer;
import dev.msk.core.security.Authorizer.Access;
import dev.msk.core.security.Authorizer.Decision;
import dev.msk.security.BearerToken;
import dev.msk.security.CredentialCheck;
import dev.msk.security.RequestBinding;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.Verification;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets only those calls through that an {@link Authorizer} allows: by the workload that calls, from the certificate of the
 * connection, and by the subject and the scopes of the bearer token. A token that is bound to a certificate is taken from the
 * holder of that certificate only; one that is bound to a key (DPoP) is refused.
 *
 * <p>The service's code runs with a {@link CallContext} of caller, subject, correlation id ({@code x-correlation-id}), deadline and
 * mark of retries upstream ({@code msk-retried-upstream}), and with the {@link BearerToken}, in each callback of its listener. A call without a valid token ends with {@code
 * UNAUTHENTICATED}, one that no rule allows with {@code PERMISSION_DENIED}, one whose token cannot be checked because the
 * issuer is away with {@code UNAVAILABLE}; the caller is told no more than that, the log says why.
 *
 * <p>Thread-safe; blocks no thread: while the issuer's keys are fetched, the call waits without one, and is begun on {@link
 * Builder#executor} when they have come. All other calls stay on the server's threads.
 */
public final class ServerSecurity implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(ServerSecurity.class);

  private final Authorizer authorizer;
  private final @Nullable CredentialCheck verifier;
  private final Set<String> open;
  private final Executor executor;
  private final SecurityEvents events;

  private ServerSecurity(Builder builder) {
    this.authorizer = builder.authorizer;
    this.verifier = builder.verifier;
    this.open = Set.copyOf(builder.open);
    this.executor = builder.executor;
    this.events = builder.events;
  }

  /**
   * An interceptor that knows callers by their certificates alone, until it is given a verifier of tokens.
   *
   * @param authorizer decides; sees the method's full name as action, for example {@code shop.Inventory/Reserve}
   * @return a builder
   */
  public static Builder builder(Authorizer authorizer) {
    return new Builder(requireNonNull(authorizer, "authorizer"));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    CallContext.Builder context = CallMetadata.context(headers);
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    Optional<String> caller =
        session == null ? Optional.empty() : SpiffeId.ofPeer(session).map(SpiffeId::toString);
    caller.ifPresent(context::caller);
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    if (open.contains(service)) {
      return started(call, headers, next, context.build(), null);
    }
    if (verifier == null) {
      return decided(call, headers, next, context, new Subject(null, null));
    }
    String token = CallMetadata.bearer(headers).orElse(null);
    RequestBinding binding =
        RequestBinding.none().peer(session).action(call.getMethodDescriptor().getFullMethodName());
    CompletableFuture<Verification> verification =
        verifier.verifyAsync(token, binding).toCompletableFuture();
    if (verification.isDone()) {
      return verified(call, headers, next, context, caller, token, verification.join());
    }
    PendingListener<Q> pending = new PendingListener<>(call);
    var unused = verification.thenAccept(result -> pending.resume(
        executor, () -> verified(call, headers, next, context, caller, token, result)));
    return pending;
  }

  private <Q, A> ServerCall.Listener<Q> verified(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      CallContext.Builder context,
      Optional<String> caller,
      @Nullable String token,
      Verification verification) {
    if (verification instanceof Rejected rejected) {
      log.info(
          "Refused {} of {}: {}, {}",
          call.getMethodDescriptor().getFullMethodName(),
          caller.orElse("an unknown caller"),
          rejected.reason(),
          rejected.safeMessage());
      return refused(
          call,
          rejected.reason() == Reason.KEYS_UNAVAILABLE
              ? Status.UNAVAILABLE.withDescription("cannot authenticate at present")
              : Status.UNAUTHENTICATED.withDescription("no valid access token"));
    }
    Verified subject = (Verified) verification;
    context.subject(subject.subject());
    return decided(
        call,
        headers,
        next,
        context,
        new Subject(subject, BearerToken.of(requireNonNull(token, "token"))));
  }

  private <Q, A> ServerCall.Listener<Q> decided(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      CallContext.Builder builder,
      Subject subject) {
    CallContext context = builder.build();
    String action = call.getMethodDescriptor().getFullMethodName();
    Decision decision = authorizer.decide(
        new Access(context.caller(), context.subject(), action, "", subject.attributes()));
    if (!decision.allowed()) {
      log.info(
          "Denied {} to {} for {} by rule {}",
          action,
          context.caller().orElse("an unknown caller"),
          context.subject().orElse("nobody"),
          decision.rule());
      events.emit(SecurityEvent.of(EventType.AUTHZ_FAIL, Source.GRPC)
          .with(Field.SUBJECT, context.subject().orElse(null))
          .with(Field.CALLER, context.caller().orElse(null))
          .with(Field.ACTION, action)
          .with(Field.RULE, decision.rule()));
      return refused(call, Status.PERMISSION_DENIED.withDescription("not allowed"));
    }
    return started(call, headers, next, context, subject.token);
  }

  private static <Q, A> ServerCall.Listener<Q> started(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      CallContext context,
      @Nullable BearerToken token) {
    try (CurrentCall current = CurrentCall.open(context, token)) {
      return new CurrentListener<>(next.startCall(call, headers), context, token);
    }
  }

  private static <Q, A> ServerCall.Listener<Q> refused(ServerCall<Q, A> call, Status status) {
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private record Subject(
      @Nullable Verified verified, @Nullable BearerToken token) {

    Map<String, String> attributes() {
      return verified == null ? Map.of() : Map.of("scope", String.join(" ", verified.scopes()));
    }
  }

  /** Builds a {@link ServerSecurity}. Confined to one thread. */
  public static final class Builder {

    private final Authorizer authorizer;
    private final Set<String> open = new LinkedHashSet<>();
    private @Nullable CredentialCheck verifier;
    private Executor executor = ForkJoinPool.commonPool();
    private SecurityEvents events = SecurityEvents.none();

    private Builder(Authorizer authorizer) {
      this.authorizer = authorizer;
    }

    /**
     * Requires a valid token of each call.
     *
     * @param verifier says whether it is, for example a {@link dev.msk.security.TokenVerifier}; by default tokens are not looked at
     * @return this
     */
    public Builder tokens(CredentialCheck verifier) {
      this.verifier = requireNonNull(verifier, "verifier");
      return this;
    }

    /**
     * Lets calls of some services through without looking at tokens or rules, for instance health checks.
     *
     * @param services full names, for example {@code grpc.health.v1.Health}; none by default
     * @return this
     */
    public Builder open(String... services) {
      this.open.addAll(List.of(services));
      return this;
    }

    /**
     * Begins calls that waited for the issuer's keys, and runs the callbacks that have come for them meanwhile. The threads that
     * fetch keys are kept free of the service's code.
     *
     * @param executor the one that the server has, if its code blocks; by default the JVM's common pool. A call that it rejects
     *     ends with {@code UNAVAILABLE}
     * @return this
     */
    public Builder executor(Executor executor) {
      this.executor = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Tells of calls that no rule allows. Tokens that are refused are told of by the verifier.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Builds the interceptor.
     *
     * @return the interceptor
     */
    public ServerSecurity build() {
      return new ServerSecurity(this);
    }
  }
}
