package dev.msk.security.doors;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.msk.security.internal.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/** A client that holds a key, and proves it with each request. */
final class DpopClient {

  private final ECKey key;

  DpopClient() throws JOSEException {
    key = new ECKeyGenerator(Curve.P_256).generate();
  }

  String thumbprint() throws JOSEException {
    return key.computeThumbprint().toString();
  }

  /** The header of a new proof. */
  String proof(String method, String uri, String token) throws JOSEException {
    SignedJWT proof = new SignedJWT(
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .type(new JOSEObjectType("dpop+jwt"))
            .jwk(key.toPublicJWK())
            .build(),
        new JWTClaimsSet.Builder()
            .jwtID(UUID.randomUUID().toString())
            .claim("iat", Instant.now().getEpochSecond())
            .claim("htm", method)
            .claim("htu", uri)
            .claim(
                "ath",
                Base64URL.encode(Sha256.digest(token.getBytes(StandardCharsets.US_ASCII)))
                    .toString())
            .build());
    proof.sign(new ECDSASigner(key));
    return "DPoP: " + proof.serialize();
  }
}
