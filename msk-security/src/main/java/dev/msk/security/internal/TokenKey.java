package dev.msk.security.internal;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import dev.msk.security.TokenAlgorithm;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** A public key of an issuer and the algorithms that it is for. Immutable, thread-safe. */
public final class TokenKey {

  private static final JWSHeader RS256 = new JWSHeader(JWSAlgorithm.RS256);
  private static final JWSHeader PS256 = new JWSHeader(JWSAlgorithm.PS256);
  private static final JWSHeader ES256 = new JWSHeader(JWSAlgorithm.ES256);
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final int COORDINATE_BYTES = 32;

  private final Optional<String> id;
  private final Set<TokenAlgorithm> algorithms;
  private final byte[] encoded;
  private final Check check;

  private TokenKey(
      Optional<String> id, Set<TokenAlgorithm> algorithms, PublicKey key, Check check) {
    this.id = id;
    this.algorithms = Set.copyOf(algorithms);
    this.encoded = key.getEncoded();
    this.check = check;
  }

  static TokenKey rsa(Optional<String> id, Set<TokenAlgorithm> algorithms, RSAPublicKey key) {
    RSASSAVerifier verifier = new RSASSAVerifier(key);
    NativeSignatures.provider().ifPresent(verifier.getJCAContext()::setProvider);
    return new TokenKey(
        id,
        algorithms,
        key,
        (algorithm, input, signature) -> verifier.verify(
            algorithm == TokenAlgorithm.PS256 ? PS256 : RS256, input, decoded(signature)));
  }

  static TokenKey ec(Optional<String> id, Set<TokenAlgorithm> algorithms, ECPublicKey key)
      throws JOSEException {
    ECDSAVerifier verifier = new ECDSAVerifier(key);
    NativeSignatures.provider().ifPresent(verifier.getJCAContext()::setProvider);
    BigInteger order = key.getParams().getOrder();
    return new TokenKey(
        id,
        algorithms,
        key,
        (algorithm, input, signature) ->
            isInRange(signature, order) && verifier.verify(ES256, input, decoded(signature)));
  }

  static TokenKey ed25519(Optional<String> id, Set<TokenAlgorithm> algorithms, byte[] point)
      throws GeneralSecurityException {
    byte[] encoded = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + point.length);
    System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, point.length);
    PublicKey key =
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    return new TokenKey(id, algorithms, key, (algorithm, input, signature) -> {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(input);
      return verifier.verify(signature);
    });
  }

  /**
   * The key's name.
   *
   * @return {@code kid}, if it has one
   */
  public Optional<String> id() {
    return id;
  }

  /**
   * Whether the key is for an algorithm, by its type and by what its issuer says of it.
   *
   * @param algorithm of a token
   * @return false if it must not be used with it
   */
  public boolean suits(TokenAlgorithm algorithm) {
    return algorithms.contains(algorithm);
  }

  /**
   * Whether this is the same key, with the same name and for the same algorithms, even if it was fetched at another time.
   *
   * @param other key of the same issuer
   * @return false if what one of them verified must be verified anew with the other
   */
  public boolean isSameAs(TokenKey other) {
    return this == other
        || (id.equals(other.id)
            && algorithms.equals(other.algorithms)
            && Arrays.equals(encoded, other.encoded));
  }

  /**
   * Verifies a signature.
   *
   * @param algorithm one that the key suits
   * @param input the bytes that were signed
   * @param signature what is claimed to be their signature
   * @return false also when the signature is malformed
   */
  public boolean verifies(TokenAlgorithm algorithm, byte[] input, byte[] signature) {
    try {
      return check.verifies(algorithm, input, signature);
    } catch (JOSEException | GeneralSecurityException e) {
      return false;
    }
  }

  /** r and s, 32 bytes each, both from 1 to n-1: JDK 15 to 18 took zeros for a signature (CVE-2022-21449). */
  private static boolean isInRange(byte[] signature, BigInteger order) {
    if (signature.length != 2 * COORDINATE_BYTES) {
      return false;
    }
    BigInteger r = new BigInteger(1, signature, 0, COORDINATE_BYTES);
    BigInteger s = new BigInteger(1, signature, COORDINATE_BYTES, COORDINATE_BYTES);
    return r.signum() > 0 && s.signum() > 0 && r.compareTo(order) < 0 && s.compareTo(order) < 0;
  }

  /** Spares Nimbus the text, which {@link CompactToken} has already read: a tenth of the time of an RS256 token. */
  private static Base64URL decoded(byte[] signature) {
    return new Base64URL("") {
      @Override
      public byte[] decode() {
        return signature;
      }
    };
  }

  private interface Check {
    boolean verifies(TokenAlgorithm algorithm, byte[] input, byte[] signature)
        throws JOSEException, GeneralSecurityException;
  }
}
