package dev.msk.security.internal;

import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer of one connection is still believed: asked before each record, and answered with a comparison of two numbers
 * unless another set has come into force. Thread-safe.
 */
public final class PeerGuard {

  private final LiveTrust trust;
  private final String peer;
  private volatile long believedIn;
  private volatile @Nullable String refusal;

  /**
   * A guard of a connection that is yet to be made.
   *
   * @param trust who is believed
   * @param peer name that the context was made for
   * @param generation by which the handshake believes the peer
   */
  public PeerGuard(LiveTrust trust, String peer, long generation) {
    this.trust = trust;
    this.peer = peer;
    this.believedIn = generation;
  }

  /**
   * Whether there is nothing to check.
   *
   * @return true if the set by which the peer was believed is in force
   */
  public boolean isCurrent() {
    return trust.generation() == believedIn;
  }

  /**
   * Requires that the peer is believed now.
   *
   * @param session of the connection, after its handshake
   * @param isClient whether the peer is the client
   * @throws SSLException if it is not; so again for ever
   */
  public void require(SSLSession session, boolean isClient) throws SSLException {
    String refused = refusal;
    if (refused != null) {
      throw new SSLException(refused);
    }
    long present = trust.generation();
    if (present == believedIn) {
      return;
    }
    X509Certificate[] chain = chain(session);
    try {
      if (chain.length == 0) {
        throw new CertificateException("no certificate");
      }
      trust.require(peer, chain, isClient);
      believedIn = present;
    } catch (CertificateException e) {
      String reason = "peer: not trusted any more, " + e.getMessage();
      refusal = reason;
      if (chain.length > 0) {
        trust.refused(chain[0], reason);
      }
      throw new SSLException(reason, e);
    }
  }

  private static X509Certificate[] chain(SSLSession session) {
    try {
      Certificate[] certificates = session.getPeerCertificates();
      X509Certificate[] chain = new X509Certificate[certificates.length];
      for (int i = 0; i < chain.length; i++) {
        chain[i] = (X509Certificate) certificates[i];
      }
      return chain;
    } catch (SSLPeerUnverifiedException e) {
      return new X509Certificate[0];
    }
  }
}
