package dev.msk.examples.keycloak;

import dev.msk.security.ClientAuthentication;
import dev.msk.security.JwksSource;
import dev.msk.security.OidcProvider;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenProfile;
import dev.msk.security.TokenSource;
import dev.msk.security.TokenVerifier;

/**
 * A realm of Keycloak as the services see it.
 *
 * @param provider where users log in and tokens are exchanged
 * @param keys that tokens are signed with; shared by all that is in one process
 */
record Issuer(OidcProvider provider, JwksSource keys) {

  /** Takes tokens for one audience. */
  TokenVerifier.Builder verifier(String audience, SecurityEvents events) {
    return TokenVerifier.builder(provider.issuer(), keys)
        .profile(TokenProfile.KEYCLOAK)
        .audience(audience)
        .events(events);
  }

  /** Exchanges tokens for such that allow what a service needs of the next one. */
  TokenSource exchanges(String client, String secret, String scope) {
    return TokenSource.builder(
            provider.tokenEndpoint(), ClientAuthentication.secretBasic(client, secret))
        .scopes(scope)
        .build();
  }
}
