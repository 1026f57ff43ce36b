package dev.msk.security.internal;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** Whom an identity believes at present. Thread-safe. */
public interface LiveTrust {

  /**
   * Which set is in force.
   *
   * @return grows with each
   */
  long generation();

  /**
   * Checks again whom a handshake has believed.
   *
   * @param peer name that its context was made for
   * @param chain that it has shown
   * @param isClient whether it is the client of the connection
   * @throws CertificateException if it would not be believed now
   */
  void require(String peer, X509Certificate[] chain, boolean isClient) throws CertificateException;

  /**
   * Tells of a connection that is refused.
   *
   * @param certificate that the peer has shown
   * @param reason why
   */
  void refused(X509Certificate certificate, String reason);
}
