package dev.msk.security;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.FormPost;
import dev.msk.security.internal.JsonFetch;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * An OpenID Connect provider: where users log in, and where tokens are asked for. Immutable.
 *
 * @param issuer as in its tokens, exactly
 * @param authorizationEndpoint where browsers are sent to log in
 * @param tokenEndpoint where we ask for tokens
 * @param endSessionEndpoint where browsers are sent to log out; empty if there is none
 */
public record OidcProvider(
    String issuer, URI authorizationEndpoint, URI tokenEndpoint, Optional<URI> endSessionEndpoint) {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /**
   * Checks the addresses.
   *
   * @param issuer as in its tokens
   * @param authorizationEndpoint where browsers are sent to log in
   * @param tokenEndpoint where we ask for tokens
   * @param endSessionEndpoint where browsers are sent to log out
   */
  public OidcProvider {
    requireNonNull(issuer, "issuer");
    Egress.requireShape("authorizationEndpoint", authorizationEndpoint);
    Egress.requireShape("tokenEndpoint", tokenEndpoint);
    endSessionEndpoint.ifPresent(uri -> Egress.requireShape("endSessionEndpoint", uri));
  }

  /**
   * Asks the issuer where its endpoints are. They must be on its host, or on one that is declared: the token endpoint gets our secret.
   *
   * @param issuer for example {@code https://id.example/realms/shop}; the answer must name it exactly
   * @param hosts others that are allowed, each a name, or a name, a colon and a port
   * @return completes within five seconds, with the provider or with why there is none
   */
  public static CompletionStage<OidcProvider> discover(String issuer, String... hosts) {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    URI uri = URI.create(base + "/.well-known/openid-configuration");
    Egress egress = Egress.of(uri, Set.of(hosts));
    HttpClient client = FormPost.newClient(TIMEOUT);
    return new JsonFetch(client, egress, TIMEOUT)
        .get(uri)
        .thenApply(document -> of(issuer, document, egress));
  }

  private static OidcProvider of(String issuer, ObjectNode document, Egress egress) {
    if (!CompactToken.text(document, "issuer").equals(Optional.of(issuer))) {
      throw new IllegalArgumentException(
          "discovery document: another issuer (expected: " + issuer + ")");
    }
    return new OidcProvider(
        issuer,
        endpoint(document, "authorization_endpoint", egress)
            .orElseThrow(() -> absent("authorization_endpoint")),
        endpoint(document, "token_endpoint", egress).orElseThrow(() -> absent("token_endpoint")),
        endpoint(document, "end_session_endpoint", egress));
  }

  private static Optional<URI> endpoint(ObjectNode document, String name, Egress egress) {
    Optional<URI> uri = CompactToken.text(document, name).map(URI::create);
    uri.ifPresent(egress::require);
    return uri;
  }

  private static IllegalArgumentException absent(String name) {
    return new IllegalArgumentException("discovery document: no " + name);
  }
}
