package dev.msk.security.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
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
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.Verification;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets only those HTTP requests through that carry a valid bearer token and that an {@link Authorizer} allows. It knows no
 * server: give it the request's parts, and answer with what a {@link Outcome.Refused} says.
 *
 * <p>A token that is bound to its sender is taken from nobody else: by the certificate of the connection ({@link Request#peer})
 * or by DPoP ({@link Request#dpop}).
 *
 * <p>Requests without a valid token are refused with 401, those that no rule allows with 403, those whose token cannot be
 * checked because the issuer is away with 503, and those whose time is used up ({@link Request#context}) with 504, before anything is
 * looked at and once more when keys have been waited for. The client is told no more than that; the log says why. Thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-3">RFC 6750, section 3</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9449#section-7.1">RFC 9449, section 7.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
public final class BearerAuthentication {

  private static final Logger log = LoggerFactory.getLogger(BearerAuthentication.class);
  private static final String BEARER = "bearer ";
  private static final String DPOP = "dpop ";
  private static final String DPOP_ALGORITHMS = ", algs=\""
      + Stream.of(TokenAlgorithm.values())
          .map(TokenAlgorithm::header)
          .collect(Collectors.joining(" "))
      + "\"";

  private final CredentialCheck verifier;
  private final Authorizer authorizer;
  private final SecurityEvents events;

  private BearerAuthentication(
      CredentialCheck verifier, Authorizer authorizer, SecurityEvents events) {
    this.verifier = verifier;
    this.authorizer = authorizer;
    this.events = events;
  }

  /**
   * Authentication by tokens, and a decision on each request.
   *
   * @param verifier says whether a token is valid: a {@link dev.msk.security.TokenVerifier}, or another check
   * @param authorizer decides; sees the workload that calls, the token's subject, the method as action, the path as resource,
   *     and the token's scopes as attribute {@code scope}
   * @return the authentication
   */
  public static BearerAuthentication of(CredentialCheck verifier, Authorizer authorizer) {
    return new BearerAuthentication(
        requireNonNull(verifier, "verifier"),
        requireNonNull(authorizer, "authorizer"),
        SecurityEvents.none());
  }

  /**
   * The same authentication, which tells of requests that no rule allows. Tokens that are refused are told of by the verifier.
   *
   * @param events where to
   * @return another authentication
   */
  public BearerAuthentication events(SecurityEvents events) {
    return new BearerAuthentication(verifier, authorizer, requireNonNull(events, "events"));
  }

  /**
   * Authenticates and decides; blocks while the issuer's keys must be waited for.
   *
   * @param request its parts
   * @return let through, or refused
   */
  public Outcome authenticate(Request request) {
    if (request.isLate()) {
      return late(request);
    }
    String token = request.token();
    return outcome(request, token, verifier.verify(token, request.proof()));
  }

  /**
   * Authenticates and decides without blocking.
   *
   * @param request its parts
   * @return complete already if the issuer's keys are known; else completed by a thread of the HTTP client. Never fails
   */
  public CompletionStage<Outcome> authenticateAsync(Request request) {
    if (request.isLate()) {
      return CompletableFuture.completedFuture(late(request));
    }
    String token = request.token();
    return verifier
        .verifyAsync(token, request.proof())
        .thenApply(result -> outcome(request, token, result));
  }

  private Outcome outcome(Request request, @Nullable String token, Verification verification) {
    if (token == null) {
      return refusal(401, "Unauthorized", "Bearer");
    }
    if (request.isLate()) {
      return late(request);
    }
    if (verification instanceof Rejected rejected) {
      log.info(
          "Refused {} {}: {}, {}",
          request.method,
          request.printablePath(),
          rejected.reason(),
          rejected.safeMessage());
      return rejected.reason() == Reason.KEYS_UNAVAILABLE
          ? refusal(503, "Service Unavailable", "Bearer")
          : refusal(401, "Unauthorized", challenge(request, rejected.reason()));
    }
    Verified verified = (Verified) verification;
    CallContext context = request.context(verified.subject());
    Decision decision = authorizer.decide(new Access(
        context.caller(),
        context.subject(),
        request.method,
        request.path,
        Map.of("scope", String.join(" ", verified.scopes()))));
    if (!decision.allowed()) {
      log.info(
          "Denied {} {} for {} by rule {}",
          request.method,
          request.printablePath(),
          verified.subject(),
          decision.rule());
      events.emit(SecurityEvent.of(EventType.AUTHZ_FAIL, Source.HTTP)
          .with(Field.SUBJECT, verified.subject())
          .with(Field.CALLER, context.caller().orElse(null))
          .with(Field.ACTION, request.action())
          .with(Field.RULE, decision.rule())
          .credential(token));
      String scheme = request.isDpop() ? "DPoP" : "Bearer";
      return refusal(403, "Forbidden", scheme + " error=\"insufficient_scope\"");
    }
    return new Outcome.Authenticated(context, BearerToken.of(token), verified, decision.rule());
  }

  private static Outcome late(Request request) {
    log.debug("Refused {} {}: its time is used up", request.method, request.printablePath());
    return refusal(504, "Gateway Timeout", "Bearer");
  }

  private static String challenge(Request request, Reason reason) {
    if (!request.isDpop()) {
      return "Bearer error=\"invalid_token\"";
    }
    boolean proof = reason == Reason.PROOF || reason == Reason.REPLAY;
    return "DPoP error=\"" + (proof ? "invalid_dpop_proof" : "invalid_token") + "\""
        + DPOP_ALGORITHMS;
  }

  private static Outcome refusal(int status, String title, String challenge) {
    return new Outcome.Refused(
        status,
        challenge,
        "{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + "}");
  }

  /** The parts of a request that authentication looks at. Immutable: each method returns another one. */
  public static final class Request {

    private final String method;
    private final String path;
    private final @Nullable String authorization;
    private final CallContext incoming;
    private final @Nullable SpiffeId caller;
    private final RequestBinding connection;
    private final @Nullable URI uri;
    private final List<String> proofs;

    private Request(
        String method,
        String path,
        @Nullable String authorization,
        CallContext incoming,
        @Nullable SpiffeId caller,
        RequestBinding connection,
        @Nullable URI uri,
        List<String> proofs) {
      this.method = method;
      this.path = path;
      this.authorization = authorization;
      this.incoming = incoming;
      this.caller = caller;
      this.connection = connection;
      this.uri = uri;
      this.proofs = proofs;
    }

    /**
     * A request.
     *
     * @param method for example {@code POST}
     * @param path without the query, decoded and normalised as the server's routes are
     * @param authorization value of the header {@code Authorization}; null if there is none
     * @return the request
     */
    public static Request of(String method, String path, @Nullable String authorization) {
      return new Request(
          requireNonNull(method, "method"),
          requireNonNull(path, "path"),
          authorization,
          CallContext.empty(),
          null,
          RequestBinding.none(),
          null,
          List.of());
    }

    /**
     * What travelled with the request: business flow, time that is left, and whether somebody upstream repeats it.
     *
     * @param incoming as {@link dev.msk.core.resilience.CallHeaders#extract} reads it; a caller or a subject in it counts for nothing
     * @return the request with it
     */
    public Request context(CallContext incoming) {
      requireNonNull(incoming, "incoming");
      return new Request(method, path, authorization, incoming, caller, connection, uri, proofs);
    }

    /**
     * The workload at the other end of a connection with mutual TLS.
     *
     * @param id its SPIFFE id
     * @return the request with it
     */
    public Request caller(SpiffeId id) {
      requireNonNull(id, "id");
      return new Request(method, path, authorization, incoming, id, connection, uri, proofs);
    }

    /**
     * The other end of the connection that the request came on. The SPIFFE id of its certificate is the caller; the
     * certificate is what tokens may be bound to.
     *
     * @param session of the connection, after its handshake; null where there is no TLS. Without a certificate, or without a
     *     SPIFFE id in it, there is no caller
     * @return the request with it
     */
    public Request peer(@Nullable SSLSession session) {
      SpiffeId id = session == null ? null : SpiffeId.ofPeer(session).orElse(null);
      RequestBinding peer = connection.peer(session);
      return new Request(method, path, authorization, incoming, id, peer, uri, proofs);
    }

    /**
     * The client at the other end of a connection with mutual TLS, where the server tells of its certificate and not of the session.
     *
     * @param certificate of the client, which the handshake has verified; null where there is none
     * @return the request with it: its SPIFFE id is the caller, and the certificate is what tokens may be bound to
     */
    public Request certificate(@Nullable X509Certificate certificate) {
      if (certificate == null) {
        return this;
      }
      return new Request(
          method,
          path,
          authorization,
          incoming,
          SpiffeId.of(certificate).orElse(null),
          connection.certificate(certificate),
          uri,
          proofs);
    }

    /**
     * Takes the scheme {@code DPoP} too; without this, {@code Authorization: DPoP} counts as none. Changes nothing for {@code
     * Bearer}.
     *
     * @param uri of the request, as clients spell it: scheme and host from the configuration, not from the request
     * @param proofs all values of the header {@code DPoP}; may be empty
     * @return the request with it
     */
    public Request dpop(URI uri, List<String> proofs) {
      return new Request(
          method,
          path,
          authorization,
          incoming,
          caller,
          connection,
          requireNonNull(uri, "uri"),
          List.copyOf(proofs));
    }

    private @Nullable String token() {
      if (authorization == null) {
        return null;
      }
      if (isDpop()) {
        return authorization.substring(DPOP.length());
      }
      return has(BEARER) ? authorization.substring(BEARER.length()) : null;
    }

    private boolean isDpop() {
      return uri != null && has(DPOP);
    }

    private boolean has(String scheme) {
      return authorization != null
          && authorization.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    private RequestBinding proof() {
      RequestBinding described = connection.action(action());
      return uri != null && has(DPOP) ? described.dpop(method, uri, proofs) : described;
    }

    private String action() {
      return method + " " + path;
    }

    /** For the log: callers choose it, and must not write lines of their own. */
    private String printablePath() {
      return path.replaceAll("\\p{Cntrl}", "?");
    }

    private boolean isLate() {
      return incoming.deadline().filter(Deadline::isExpired).isPresent();
    }

    private CallContext context(String subject) {
      CallContext.Builder context = CallContext.builder();
      incoming.correlationId().ifPresent(context::correlationId);
      incoming.deadline().ifPresent(context::deadline);
      context.retriedUpstream(incoming.retriedUpstream());
      Optional.ofNullable(caller).map(SpiffeId::toString).ifPresent(context::caller);
      return context.subject(subject).build();
    }
  }

  /** What came of a request. */
  public sealed interface Outcome {

    /**
     * Let through.
     *
     * @param context to work in: subject, and caller, correlation id, deadline and mark if the request had them
     * @param token to forward to the next service
     * @param verified what the token says
     * @param rule that allowed it, for the audit record
     */
    record Authenticated(CallContext context, BearerToken token, Verified verified, String rule)
        implements Outcome {}

    /**
     * Refused; this is the answer.
     *
     * @param status 401, 403, 503 or 504
     * @param wwwAuthenticate value of the header {@code WWW-Authenticate}
     * @param problem the body, {@code application/problem+json}
     */
    record Refused(int status, String wwwAuthenticate, String problem) implements Outcome {}
  }
}
