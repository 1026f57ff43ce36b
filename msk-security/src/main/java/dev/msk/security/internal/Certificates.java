package dev.msk.security.internal;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates as they come from elsewhere. */
public final class Certificates {

  private Certificates() {}

  /**
   * Reads certificates.
   *
   * @param encoded PEM, or DER one after the other
   * @return at least one
   * @throws GeneralSecurityException if there is none, or one cannot be parsed
   */
  public static List<X509Certificate> read(byte[] encoded) throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Certificate certificate : CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(encoded))) {
      certificates.add((X509Certificate) certificate);
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException("no certificate");
    }
    return certificates;
  }
}
