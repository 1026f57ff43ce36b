package dev.msk.security.testing;

import dev.msk.security.testing.IdpServer.Reply;
import java.time.InstantSource;
import java.util.Map;

/** What a {@link TestIdp} answers, and where. */
final class IdpRoutes {

  private IdpRoutes() {}

  static void serve(
      IdpServer server, TestIdp idp, IssuedTokens issued, TestLogins logins, InstantSource clock) {
    server.answer(
        "/.well-known/openid-configuration",
        request -> Reply.of(TestIdp.json(Map.of(
            "issuer", idp.issuer(),
            "jwks_uri", idp.issuer() + "/jwks",
            "introspection_endpoint", idp.introspectionEndpoint().toString(),
            "authorization_endpoint", idp.issuer() + "/authorize",
            "token_endpoint", idp.issuer() + "/token",
            "end_session_endpoint", idp.issuer() + "/logout"))));
    server.answer("/jwks", request -> Reply.of(idp.jwks()));
    server.answer(
        "/introspect",
        request -> request.isOfAClient()
            ? Reply.of(TestIdp.json(issued.introspect(request.parameter("token"), clock)))
            : Reply.error(401, "invalid_client"));
    server.answer("/authorize", request -> logins.authorize(request, idp.issuer()));
    server.answer("/token", request -> logins.token(request, idp, clock));
  }
}
