package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.internal.Egress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Builds an {@link OidcLogin}. Confined to one thread. */
public final class OidcLoginBuilder {

  final OidcProvider provider;
  final JwksSource keys;
  final String clientId;
  final ClientAuthentication client;
  final URI redirectUri;
  final List<SecretKey> cookieKeys = new ArrayList<>();
  final List<String> scopes = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  Duration maxAge = Duration.ofHours(8);
  Duration timeout = Duration.ofSeconds(5);
  InstantSource clock = InstantSource.system();
  SecurityEvents events = SecurityEvents.none();

  @Nullable
  Revocations revocations;

  @Nullable
  HttpClient sender;

  OidcLoginBuilder(
      OidcProvider provider,
      JwksSource keys,
      String clientId,
      ClientAuthentication client,
      URI redirectUri) {
    this.provider = requireNonNull(provider, "provider");
    this.keys = requireNonNull(keys, "keys");
    this.clientId = requireNonNull(clientId, "clientId");
    this.client = requireNonNull(client, "client");
    this.redirectUri = requireNonNull(redirectUri, "redirectUri");
  }

  /**
   * A key for cookies; required. The first one that is given seals, the others open what was sealed before they were replaced. All processes of a
   * service have the same.
   *
   * @param key 32 random bytes
   * @return this
   */
  public OidcLoginBuilder cookieKey(byte[] key) {
    if (key.length == 32) {
      cookieKeys.add(new SecretKeySpec(key, "AES"));
    } else {
      faults.add("cookieKey: " + key.length + " bytes (expected: 32)");
    }
    return this;
  }

  /**
   * What access tokens are to allow.
   *
   * @param scopes beside {@code openid}; {@code offline_access} where the provider gives refresh tokens for it only
   * @return this
   */
  public OidcLoginBuilder scopes(String... scopes) {
    this.scopes.addAll(List.of(scopes));
    return this;
  }

  /**
   * When users have to log in again.
   *
   * @param maxAge from the login; default 8 h, at most 30 days
   * @return this
   */
  public OidcLoginBuilder maxAge(Duration maxAge) {
    this.maxAge = requireNonNull(maxAge, "maxAge");
    return this;
  }

  /**
   * Ends sessions that were taken back, by subject or by the session at the provider: with {@link LogoutTokens} that is back-channel logout.
   *
   * @param revocations default none; {@link Revocations.Builder#maxTokenLife} must be {@code maxAge} at least
   * @return this
   */
  public OidcLoginBuilder revocations(Revocations revocations) {
    this.revocations = requireNonNull(revocations, "revocations");
    return this;
  }

  /**
   * Tells of logins, and of sessions that begin, are renewed and end.
   *
   * @param events default none
   * @return this
   */
  public OidcLoginBuilder events(SecurityEvents events) {
    this.events = requireNonNull(events, "events");
    return this;
  }

  /**
   * Bounds a request to the provider.
   *
   * @param timeout default 5 s
   * @return this
   */
  public OidcLoginBuilder timeout(Duration timeout) {
    this.timeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Tells the time.
   *
   * @param clock default the system's
   * @return this
   */
  public OidcLoginBuilder clock(InstantSource clock) {
    this.clock = requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Sends the requests to the provider.
   *
   * @param sender must not follow redirects; stays yours; by default one is made
   * @return this
   */
  public OidcLoginBuilder client(HttpClient sender) {
    this.sender = requireNonNull(sender, "sender");
    return this;
  }

  /**
   * Builds the login.
   *
   * @return the login; nothing is asked yet
   * @throws IllegalArgumentException if something is missing or out of bounds; names all of it
   */
  public OidcLogin build() {
    List<String> all = new ArrayList<>(faults);
    keys.issuer()
        .filter(discovered -> !discovered.equals(provider.issuer()))
        .ifPresent(
            other -> all.add("keys: of " + other + " (expected: of " + provider.issuer() + ")"));
    try {
      Egress.requireShape("redirectUri", redirectUri);
    } catch (IllegalArgumentException e) {
      all.add(String.valueOf(e.getMessage()));
    }
    if (clientId.isBlank()) {
      all.add("clientId: blank (expected: as the provider knows us)");
    }
    if (cookieKeys.isEmpty() && faults.isEmpty()) {
      all.add("cookieKey: absent (expected: 32 bytes)");
    }
    if (maxAge.isZero() || maxAge.isNegative() || maxAge.compareTo(Duration.ofDays(30)) > 0) {
      all.add("maxAge: " + maxAge + " (expected: more than zero, <= 30 days)");
    }
    if (timeout.isZero() || timeout.isNegative()) {
      all.add("timeout: " + timeout + " (expected: more than zero)");
    }
    if (sender != null && sender.followRedirects() != HttpClient.Redirect.NEVER) {
      all.add("client: follows redirects (expected: Redirect.NEVER)");
    }
    if (!all.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", all));
    }
    return new OidcLogin(this);
  }
}
