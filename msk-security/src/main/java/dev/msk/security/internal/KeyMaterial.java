package dev.msk.security.internal;

import dev.msk.security.SpiffeId;
import dev.msk.security.spi.TlsMaterial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A key, its certificate chain and the authorities that are trusted, which belong together: the key is that of the
 * certificate, and one of the authorities vouches for it now.
 *
 * @param set what was checked
 */
public record KeyMaterial(TlsMaterial set) {

  private static final char[] NO_PASSWORD = new char[0];
  private static final byte[] PROBE = "msk".getBytes(StandardCharsets.US_ASCII);

  /**
   * Checks that the parts of a set belong together.
   *
   * @param set as it was brought
   * @param now the time
   * @return the set, checked
   * @throws GeneralSecurityException if it must not be used; its message says why
   */
  public static KeyMaterial of(TlsMaterial set, Instant now) throws GeneralSecurityException {
    if (set.chain().isEmpty()) {
      throw new GeneralSecurityException("chain: no certificate");
    }
    if (set.authorities().isEmpty()) {
      throw new GeneralSecurityException("bundle: no certificate");
    }
    KeyMaterial material = new KeyMaterial(set);
    material.requireValid(now);
    material.requireMatch();
    material.requireTrusted(now);
    return material;
  }

  /**
   * The certificate of this process.
   *
   * @return the first of the chain
   */
  public X509Certificate certificate() {
    return set.chain().get(0);
  }

  /**
   * Managers that present the certificate.
   *
   * @return for an SSL context
   * @throws GeneralSecurityException if the JDK cannot use the key
   */
  public KeyManager[] keyManagers() throws GeneralSecurityException {
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "identity", set.key(), NO_PASSWORD, set.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  /**
   * Whom the authorities of the set vouch for.
   *
   * @return checks chains, and host names where the engine asks for it
   * @throws GeneralSecurityException if the JDK cannot use the authorities
   */
  public TrustBundles bundles() throws GeneralSecurityException {
    Map<String, X509ExtendedTrustManager> federated = new HashMap<>();
    for (Map.Entry<String, List<X509Certificate>> other : set.federated().entrySet()) {
      federated.put(other.getKey(), trustManager(other.getValue()));
    }
    return new TrustBundles(
        trustManager(set.authorities()),
        SpiffeId.of(certificate()).map(SpiffeId::trustDomain),
        federated);
  }

  private static X509ExtendedTrustManager trustManager(List<X509Certificate> authorities)
      throws GeneralSecurityException {
    KeyStore store = emptyStore();
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  private void requireValid(Instant now) throws GeneralSecurityException {
    try {
      certificate().checkValidity(Date.from(now));
    } catch (CertificateExpiredException e) {
      throw new GeneralSecurityException(
          "chain: expired at " + certificate().getNotAfter().toInstant(), e);
    } catch (CertificateNotYetValidException e) {
      throw new GeneralSecurityException(
          "chain: not valid before " + certificate().getNotBefore().toInstant(), e);
    }
  }

  private void requireMatch() throws GeneralSecurityException {
    PublicKey publicKey = certificate().getPublicKey();
    String algorithm = switch (set.key().getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "EdDSA";
    };
    boolean matches;
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(set.key());
      signer.update(PROBE);
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(PROBE);
      matches = verifier.verify(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("key: not that of the certificate", e);
    }
    if (!matches) {
      throw new GeneralSecurityException("key: not that of the certificate");
    }
  }

  private void requireTrusted(Instant now) throws GeneralSecurityException {
    Set<TrustAnchor> anchors = set.authorities().stream()
        .map(authority -> new TrustAnchor(authority, null))
        .collect(Collectors.toSet());
    List<X509Certificate> path =
        set.chain().stream().filter(link -> !set.authorities().contains(link)).toList();
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    try {
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(
          "chain: no authority of the bundle vouches for it: " + e.getMessage(), e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException("key store", e);
    }
    return store;
  }

  @Override
  public String toString() {
    return "KeyMaterial[" + certificate().getSubjectX500Principal() + "]";
  }
}
