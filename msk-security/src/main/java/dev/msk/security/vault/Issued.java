package dev.msk.security.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.SpiffeId;
import dev.msk.security.internal.Certificates;
import dev.msk.security.spi.TlsMaterial;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Vault has signed, and the key that it was signed for.
 *
 * @param key private
 * @param chain the certificate first, then those that lead to an authority, without the root
 * @param issuers as the answer has them
 */
record Issued(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> issuers) {

  /** The answer of {@code pki/sign/ROLE}, whose certificate must have the id if one is expected. */
  static Issued of(PrivateKey key, ObjectNode answer, @Nullable SpiffeId expected)
      throws GeneralSecurityException {
    JsonNode data = answer.path("data");
    X509Certificate leaf = read("certificate", data.path("certificate")).get(0);
    List<X509Certificate> issuers = new ArrayList<>();
    for (JsonNode link : data.path("ca_chain")) {
      issuers.addAll(read("ca_chain", link));
    }
    if (issuers.isEmpty()) {
      issuers.addAll(read("issuing_ca", data.path("issuing_ca")));
    }
    if (expected != null && SpiffeId.of(leaf).filter(expected::equals).isEmpty()) {
      throw new GeneralSecurityException("certificate: of "
          + SpiffeId.of(leaf).map(SpiffeId::toString).orElse("no id")
          + " (expected: " + expected + ")");
    }
    return new Issued(key, chain(leaf, issuers), issuers);
  }

  Instant expiresAt() {
    return chain.get(0).getNotAfter().toInstant();
  }

  /** The set with these authorities, or with those of the answer if there are none. */
  TlsMaterial trusting(List<X509Certificate> authorities) {
    return new TlsMaterial(key, chain, authorities.isEmpty() ? issuers : authorities, Map.of());
  }

  /** Names the certificate; never the key. */
  @Override
  public String toString() {
    return "Issued[" + chain.get(0).getSubjectX500Principal() + "]";
  }

  private static List<X509Certificate> chain(X509Certificate leaf, List<X509Certificate> issuers) {
    List<X509Certificate> chain = new ArrayList<>();
    X509Certificate link = leaf;
    while (link != null && !chain.contains(link)) {
      chain.add(link);
      link = issuerOf(link, issuers);
    }
    return chain;
  }

  private static @Nullable X509Certificate issuerOf(
      X509Certificate link, List<X509Certificate> issuers) {
    return issuers.stream()
        .filter(issuer -> issuer.getSubjectX500Principal().equals(link.getIssuerX500Principal()))
        .filter(issuer -> !isRoot(issuer))
        .filter(issuer -> vouches(issuer, link))
        .findFirst()
        .orElse(null);
  }

  private static boolean isRoot(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static boolean vouches(X509Certificate issuer, X509Certificate link) {
    try {
      link.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static List<X509Certificate> read(String field, JsonNode pem)
      throws GeneralSecurityException {
    if (!pem.isTextual()) {
      throw new GeneralSecurityException(field + ": absent (expected: PEM)");
    }
    try {
      return Certificates.read(pem.textValue().getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(field + ": " + e.getMessage(), e);
    }
  }
}
