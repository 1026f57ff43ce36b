package dev.msk.security;

/**
 * What sort of token is an access token: the header's {@code typ}, so that an ID token or a logout token of the same
 * issuer is not taken for one. A preset for an issuer relaxes the type only; signature, issuer, audience and times are
 * checked in all of them.
 */
public enum TokenProfile {
  /**
   * {@code at+jwt}, as the standard for access tokens asks.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9068#section-2.1">RFC 9068, section 2.1</a>
   */
  ACCESS_TOKEN,
  /**
   * Keycloak: {@code at+jwt}, or {@code JWT} with a claim {@code typ} of {@code Bearer} or {@code DPoP}, which Keycloak gives to
   * access tokens and not to ID, refresh or logout tokens.
   */
  KEYCLOAK,
  /** Auth0: {@code at+jwt}, or {@code JWT}. Its ID tokens are told apart by their audience, the client. */
  AUTH0,
  /** Okta: {@code at+jwt}, or no type at all. Its ID tokens are told apart by their audience, the client. */
  OKTA
}
