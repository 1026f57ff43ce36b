package dev.msk.security.fuzz;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.msk.security.testing.TestIdp;
import java.text.ParseException;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;

/** Whether others take a token of an issuer for the audience {@code orders}. */
final class OtherVerifiers {

  private OtherVerifiers() {}

  static Predicate<String> nimbus(TestIdp idp) throws ParseException {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier((type, context) -> {});
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
        Set.of(JWSAlgorithm.ES256, JWSAlgorithm.RS256),
        new ImmutableJWKSet<>(JWKSet.parse(idp.jwks()))));
    processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
        "orders", new JWTClaimsSet.Builder().issuer(idp.issuer()).build(), Set.of("exp", "sub")));
    return token -> {
      try {
        return processor.process(token, null) != null;
      } catch (ParseException | BadJOSEException | JOSEException | IllegalArgumentException e) {
        return false;
      }
    };
  }

  static Predicate<String> jose4j(TestIdp idp) throws Exception {
    return jose4j(idp, strict -> {});
  }

  /** jose4j, strict but for what is changed. */
  static Predicate<String> jose4j(TestIdp idp, Consumer<JwtConsumerBuilder> change)
      throws Exception {
    JwtConsumerBuilder builder = new JwtConsumerBuilder()
        .setRequireExpirationTime()
        .setRequireSubject()
        .setAllowedClockSkewInSeconds(30)
        .setExpectedIssuer(idp.issuer())
        .setExpectedAudience("orders")
        .setJwsAlgorithmConstraints(
            new AlgorithmConstraints(ConstraintType.PERMIT, "ES256", "RS256"))
        .setVerificationKeyResolver(
            new JwksVerificationKeyResolver(new JsonWebKeySet(idp.jwks()).getJsonWebKeys()));
    change.accept(builder);
    JwtConsumer consumer = builder.build();
    return token -> {
      try {
        return consumer.processToClaims(token) != null;
      } catch (InvalidJwtException | RuntimeException e) {
        return false;
      }
    };
  }
}
