package dev.msk.benchmarks.security;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.msk.security.TokenAlgorithm;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/** Others who verify tokens: algorithm, issuer, audience, subject and expiry, as their documents say. */
final class TokenPeers {

  private static final int SKEW_SECONDS = 30;

  private TokenPeers() {}

  static TokenCheck nimbus(Issued issued) throws ParseException {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
        JWSAlgorithm.parse(issued.algorithm().header()),
        new ImmutableJWKSet<>(JWKSet.parse(issued.jwks()))));
    processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
        Issued.AUDIENCE,
        new JWTClaimsSet.Builder().issuer(issued.issuer()).build(),
        Set.of("sub", "exp")));
    return token -> processor.process(token, null);
  }

  static TokenCheck jjwt(Issued issued) {
    JwtParser parser = Jwts.parser()
        .verifyWith(issued.key())
        .requireIssuer(issued.issuer())
        .requireAudience(Issued.AUDIENCE)
        .clockSkewSeconds(SKEW_SECONDS)
        .build();
    return parser::parseSignedClaims;
  }

  static TokenCheck javaJwt(Issued issued) {
    Algorithm algorithm = issued.algorithm() == TokenAlgorithm.RS256
        ? Algorithm.RSA256((RSAPublicKey) issued.key(), null)
        : Algorithm.ECDSA256((ECPublicKey) issued.key(), null);
    JWTVerifier verifier = JWT.require(algorithm)
        .withIssuer(issued.issuer())
        .withAudience(Issued.AUDIENCE)
        .withClaimPresence("sub")
        .acceptLeeway(SKEW_SECONDS)
        .build();
    return verifier::verify;
  }

  static TokenCheck jose4j(Issued issued) {
    JwtConsumer consumer = new JwtConsumerBuilder()
        .setJwsAlgorithmConstraints(ConstraintType.PERMIT, issued.algorithm().header())
        .setVerificationKey(issued.key())
        .setExpectedType(true, "at+jwt")
        .setExpectedIssuer(issued.issuer())
        .setExpectedAudience(Issued.AUDIENCE)
        .setRequireSubject()
        .setRequireExpirationTime()
        .setAllowedClockSkewInSeconds(SKEW_SECONDS)
        .build();
    return consumer::processToClaims;
  }
}
