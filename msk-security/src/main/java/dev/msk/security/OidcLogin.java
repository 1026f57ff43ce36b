package dev.msk.security;

import dev.msk.core.Ticker;
import dev.msk.security.LoginSession.Sealed;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.CodeGrant;
import dev.msk.security.internal.FormPost;
import dev.msk.security.internal.LoginQuery;
import dev.msk.security.internal.RefreshFlights;
import dev.msk.security.internal.Refusal;
import dev.msk.security.internal.SealedCookies;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs users in at an OpenID Connect provider, and keeps their sessions in cookies that nobody else can read or change: authorization code with PKCE, state
 * and nonce; no store. It knows no server: it takes queries and {@code Cookie} headers, and returns where to send the browser and what {@code Set-Cookie} to
 * answer with.
 *
 * <p><b>Guarantee.</b> A session begins only in the browser in which its login began, with a code that is of no use to others, for the user that the provider
 * has signed for; once in each login. The access token is renewed 30 s before it ends, once, however many requests come then; the session ends after eight
 * hours, when the provider takes the refresh token back, when the user logs out, or when {@link OidcLoginBuilder#revocations} say so. The browser is sent to paths of
 * this host only. Nothing is thrown on any query or header.
 *
 * <p><b>What cookies cannot do.</b> Logging out clears the browser; a copy of the cookie works until the access token ends, unless it is revoked. Two processes
 * that renew one session at the same moment use the refresh token twice.
 *
 * <p>Thread-safe. What must wait for the provider is a {@link CompletionStage}, which never fails.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">OpenID Connect Core, section 3.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7636">RFC 7636</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9207">RFC 9207</a>
 */
public final class OidcLogin {

  /** Name of the session's cookie; longer sessions have {@code .1}, {@code .2} and {@code .3} beside it. */
  public static final String SESSION_COOKIE = "__Host-msk-session";

  private static final Logger log = LoggerFactory.getLogger(OidcLogin.class);
  private static final String FLOW_COOKIE = "__Host-msk-login";
  private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax";
  private static final Duration FLOW_LIFE = Duration.ofMinutes(10);
  private static final Duration AHEAD = Duration.ofSeconds(30);
  private static final int MAX_BYTES = 64 * 1024;

  private final OidcLoginBuilder settings;
  private final IdTokens idTokens;
  private final SealedCookies cookies;
  private final CodeGrant grants;
  private final RefreshFlights refreshes;
  private final SecureRandom random = new SecureRandom();

  OidcLogin(OidcLoginBuilder settings) {
    this.settings = settings;
    this.idTokens = new IdTokens(settings.provider.issuer(), settings.keys, settings.clientId);
    this.cookies = new SealedCookies(settings.cookieKeys);
    this.grants = new CodeGrant(new FormPost(
        settings.sender == null ? FormPost.newClient(settings.timeout) : settings.sender,
        settings.provider.tokenEndpoint(),
        settings.timeout,
        MAX_BYTES));
    this.refreshes = new RefreshFlights(Ticker.system());
  }

  /**
   * Logins of one client: sessions of eight hours, scope {@code openid}. A key for cookies must be given.
   *
   * @param provider where users log in
   * @param keys of the provider
   * @param clientId as the provider knows us
   * @param client proves it
   * @param redirectUri of ours, where {@link #callback} is called; https, or http on localhost
   * @return a builder with these defaults
   */
  public static OidcLoginBuilder builder(
      OidcProvider provider,
      JwksSource keys,
      String clientId,
      ClientAuthentication client,
      URI redirectUri) {
    return new OidcLoginBuilder(provider, keys, clientId, client, redirectUri);
  }

  /**
   * Begins a login.
   *
   * @param returnTo a path of this host, where the user goes in the end; anything else counts as {@code /}
   * @return where to send the browser, with status 302
   */
  public Redirect begin(String returnTo) {
    LoginFlow flow = LoginFlow.begin(random, returnTo, settings.clock.instant().plus(FLOW_LIFE));
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", settings.clientId);
    query.put("redirect_uri", settings.redirectUri.toString());
    query.put("scope", scope());
    query.put("state", flow.state());
    query.put("nonce", flow.nonce());
    query.put("code_challenge", flow.challenge());
    query.put("code_challenge_method", "S256");
    return new Redirect(
        LoginQuery.append(settings.provider.authorizationEndpoint(), query),
        cookies.seal(FLOW_COOKIE, flow.json(), ATTRIBUTES + "; Max-Age=" + FLOW_LIFE.toSeconds()));
  }

  /**
   * Ends a login, when the browser comes back.
   *
   * @param query of the request to the redirect URI, as it came; null if there is none
   * @param cookieHeader all values of the header {@code Cookie}, joined by semicolons; null if there is none
   * @return what came of it
   */
  public CompletionStage<Callback> callback(@Nullable String query, @Nullable String cookieHeader) {
    Map<String, String> parameters = LoginQuery.parse(query);
    Optional<LoginFlow> flow = opened(FLOW_COOKIE, cookieHeader, LoginFlow::parse)
        .filter(begun -> settings.clock.instant().isBefore(begun.endsAt()));
    String state = parameters.get("state");
    if (flow.isEmpty() || state == null || !flow.get().hasState(state)) {
      return refused(Refused.Reason.STATE, "state: of no login that this browser has begun");
    }
    String issuer = parameters.get("iss");
    if (issuer != null && !issuer.equals(settings.provider.issuer())) {
      return refused(Refused.Reason.PROVIDER, "iss: answer of another provider");
    }
    String code = parameters.get("code");
    if (code == null) {
      return refused(
          Refused.Reason.PROVIDER, "provider: " + parameters.getOrDefault("error", "no code"));
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", settings.redirectUri.toString());
    form.put("code_verifier", flow.get().verifier());
    return ask(form)
        .thenCompose(granted -> loggedIn(flow.get(), granted))
        .exceptionally(this::failed);
  }

  /**
   * The session of a request.
   *
   * @param cookieHeader all values of the header {@code Cookie}, joined by semicolons; null if there is none
   * @return the session, with an access token that is valid for 30 s at least unless the provider is away
   */
  public CompletionStage<Current> session(@Nullable String cookieHeader) {
    Optional<Sealed> found = opened(SESSION_COOKIE, cookieHeader, Sealed::parse);
    Instant now = settings.clock.instant();
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(new Anonymous(List.of()));
    }
    Sealed sealed = found.get();
    if (!now.isBefore(sealed.session().endsAt()) || isRevoked(sealed.session())) {
      tell(EventType.SESSION_USE_AFTER_EXPIRE, sealed.session(), "ended, or taken back");
      return CompletableFuture.completedFuture(new Anonymous(SealedCookies.clear(SESSION_COOKIE)));
    }
    if (now.isBefore(sealed.session().accessExpiresAt().minus(AHEAD))) {
      return CompletableFuture.completedFuture(new Active(sealed.session(), List.of()));
    }
    return sealed
        .refreshToken()
        .map(token -> renewed(sealed, token))
        .orElseGet(() -> CompletableFuture.completedFuture(unrenewed(sealed)));
  }

  /**
   * Logs out: clears the session, and sends the browser to the provider to end the session there, with the user's ID token as a hint, so that the
   * provider need not ask.
   *
   * @param cookieHeader all values of the header {@code Cookie}, joined by semicolons; null if there is none. Without a session in it there is no hint
   * @param returnTo an address of ours that the provider knows, where the user goes in the end
   * @return where to send the browser; {@code returnTo} if the provider has no such endpoint
   * @see <a href="https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout">RP-Initiated Logout, section 2</a>
   */
  public Redirect logout(@Nullable String cookieHeader, URI returnTo) {
    Map<String, String> query = new LinkedHashMap<>();
    opened(SESSION_COOKIE, cookieHeader, Sealed::parse)
        .flatMap(Sealed::idToken)
        .ifPresent(token -> query.put("id_token_hint", token));
    query.put("client_id", settings.clientId);
    query.put("post_logout_redirect_uri", returnTo.toString());
    URI location = settings
        .provider
        .endSessionEndpoint()
        .map(endpoint -> LoginQuery.append(endpoint, query))
        .orElse(returnTo);
    return new Redirect(location, SealedCookies.clear(SESSION_COOKIE));
  }

  private CompletableFuture<Callback> loggedIn(LoginFlow flow, CodeGrant.Granted granted) {
    if (granted.idToken().isEmpty()) {
      return refused(Refused.Reason.ID_TOKEN, "id_token: absent");
    }
    Instant now = settings.clock.instant();
    return idTokens.read(granted.idToken().get(), flow.nonce(), now).thenApply(user -> {
      Sealed sealed = Sealed.of(user, granted, now, now.plus(settings.maxAge));
      tell(EventType.AUTHN_LOGIN_SUCCESS, sealed.session(), "logged in");
      tell(
          EventType.SESSION_CREATED,
          sealed.session(),
          "until " + sealed.session().endsAt());
      List<String> set = new ArrayList<>(sealedCookies(sealed, now));
      set.addAll(SealedCookies.clear(FLOW_COOKIE));
      return new LoggedIn(sealed.session(), flow.returnTo(), set);
    });
  }

  private CompletableFuture<Current> renewed(Sealed sealed, String refreshToken) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", refreshToken);
    return refreshes.use(refreshToken, () -> ask(form)).handle((granted, failure) -> {
      Instant now = settings.clock.instant();
      if (granted != null) {
        Sealed next = sealed.renewed(granted, now);
        tell(
            EventType.SESSION_RENEWED, next.session(), "until " + next.session().accessExpiresAt());
        return new Active(next.session(), sealedCookies(next, now));
      }
      boolean ended = root(failure) instanceof TokenRequestException refused
          && refused.error().equals(Optional.of("invalid_grant"));
      if (ended) {
        tell(EventType.SESSION_EXPIRED, sealed.session(), "refresh token is not taken any more");
        return new Anonymous(SealedCookies.clear(SESSION_COOKIE));
      }
      log.warn("Session was not renewed: {}", String.valueOf(failure));
      return unrenewed(sealed);
    });
  }

  /** Valid to its end, without a provider that would renew it. */
  private Current unrenewed(Sealed sealed) {
    return settings.clock.instant().isBefore(sealed.session().accessExpiresAt())
        ? new Active(sealed.session(), List.of())
        : sealed.refreshToken().isPresent()
            ? new Unavailable()
            : new Anonymous(SealedCookies.clear(SESSION_COOKIE));
  }

  private List<String> sealedCookies(Sealed sealed, Instant now) {
    long left = Duration.between(now, sealed.session().endsAt()).toSeconds();
    return cookies.seal(SESSION_COOKIE, sealed.json(), ATTRIBUTES + "; Max-Age=" + left);
  }

  private boolean isRevoked(LoginSession session) {
    if (settings.revocations == null) {
      return false;
    }
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iat", session.loggedInAt().getEpochSecond());
    session.sessionId().ifPresent(id -> claims.put("sid", id));
    try {
      settings.revocations.requireNone(
          new Verified(session.subject(), Set.of(), session.endsAt(), claims));
      return false;
    } catch (Refusal refusal) {
      return true;
    }
  }

  private CompletableFuture<CodeGrant.Granted> ask(Map<String, String> form) {
    Map<String, String> headers = new LinkedHashMap<>();
    try {
      settings.client.prove(
          settings.provider.tokenEndpoint(), settings.clock.instant(), form, headers);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    return grants.ask(form, headers);
  }

  private Callback failed(Throwable failure) {
    Throwable cause = root(failure);
    if (cause instanceof Refusal refusal) {
      return refusal.reason() == Verification.Reason.KEYS_UNAVAILABLE
          ? refusal(Refused.Reason.UNAVAILABLE, String.valueOf(refusal.getMessage()))
          : refusal(Refused.Reason.ID_TOKEN, "id_token: " + refusal.getMessage());
    }
    if (cause instanceof TokenRequestException request && request.error().isPresent()) {
      return refusal(
          Refused.Reason.PROVIDER, "code: not taken, " + request.error().get());
    }
    log.warn("Login has failed", cause);
    return refusal(Refused.Reason.UNAVAILABLE, "provider: cannot be asked");
  }

  private CompletableFuture<Callback> refused(Refused.Reason reason, String message) {
    return CompletableFuture.completedFuture(refusal(reason, message));
  }

  private Refused refusal(Refused.Reason reason, String message) {
    settings.events.emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.SESSION)
        .with(Field.REASON, reason.name())
        .with(Field.DESCRIPTION, message));
    return new Refused(reason, message, SealedCookies.clear(FLOW_COOKIE));
  }

  private void tell(EventType type, LoginSession session, String description) {
    settings.events.emit(SecurityEvent.of(type, Source.SESSION)
        .with(Field.SUBJECT, session.subject())
        .with(Field.DESCRIPTION, description));
  }

  private <T> Optional<T> opened(
      String name, @Nullable String header, Function<String, Optional<T>> parser) {
    return header == null ? Optional.empty() : cookies.open(name, header).flatMap(parser);
  }

  private String scope() {
    Set<String> scopes = new LinkedHashSet<>(List.of("openid"));
    scopes.addAll(settings.scopes);
    return String.join(" ", scopes);
  }

  private static @Nullable Throwable root(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /**
   * Where to send the browser, with status 302.
   *
   * @param location value of {@code Location}
   * @param setCookies values of {@code Set-Cookie}
   */
  public record Redirect(URI location, List<String> setCookies) {}

  /** What came of a login. */
  public sealed interface Callback {}

  /**
   * The user is logged in.
   *
   * @param session of the user
   * @param returnTo path of this host to send the browser to
   * @param setCookies values of {@code Set-Cookie}
   */
  public record LoggedIn(LoginSession session, String returnTo, List<String> setCookies)
      implements Callback {}

  /**
   * Nobody is logged in.
   *
   * @param reason why
   * @param safeMessage the reason in words, for operators
   * @param setCookies values of {@code Set-Cookie}
   */
  public record Refused(Reason reason, String safeMessage, List<String> setCookies)
      implements Callback {

    /** Why nobody is logged in. */
    public enum Reason {
      /** The answer is to no login that this browser has begun, or it came too late: let the user begin again. */
      STATE,
      /** The provider has refused, or the user has. */
      PROVIDER,
      /** The provider's ID token does not hold. */
      ID_TOKEN,
      /** The provider cannot be asked at present. */
      UNAVAILABLE
    }
  }

  /** Who sends a request. */
  public sealed interface Current {}

  /**
   * A user who is logged in.
   *
   * @param session of the user
   * @param setCookies values of {@code Set-Cookie}, to be added to the answer whatever it is; none if nothing has changed
   */
  public record Active(LoginSession session, List<String> setCookies) implements Current {}

  /**
   * Nobody who is logged in.
   *
   * @param setCookies values of {@code Set-Cookie}
   */
  public record Anonymous(List<String> setCookies) implements Current {}

  /** A user whose access token has ended and cannot be renewed at present, to be answered with 503. */
  public record Unavailable() implements Current {}
}
