package dev.msk.security.internal;

import dev.msk.security.SpiffeId;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom to believe at the other end. A server must have the expected SPIFFE id, or, where none is expected, the name of the
 * host; a client must come from an authority of the bundle, and not from another trust domain than ours.
 */
public final class PeerTrust extends X509ExtendedTrustManager {

  /** What JSSE gives for TLS 1.3, where the suite does not say how the peer authenticates. */
  private static final String ANY = "UNKNOWN";

  private final X509ExtendedTrustManager authorities;
  private final Optional<SpiffeId> expectedServer;
  private final Optional<String> ownDomain;

  /**
   * Trust in one peer.
   *
   * @param authorities checks chains
   * @param expectedServer the id of the peer when it is the server; empty to go by its host name
   * @param ownDomain our trust domain, if we have one
   */
  public PeerTrust(
      X509ExtendedTrustManager authorities,
      Optional<SpiffeId> expectedServer,
      Optional<String> ownDomain) {
    this.authorities = authorities;
    this.expectedServer = expectedServer;
    this.ownDomain = ownDomain;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    if (expectedServer.isPresent()) {
      checkServerTrusted(chain, authType);
    } else {
      requireHostCheck(engine.getSSLParameters());
      authorities.checkServerTrusted(chain, authType, engine);
      requireOwnDomain(chain[0]);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    if (expectedServer.isPresent()) {
      checkServerTrusted(chain, authType);
    } else {
      if (!(socket instanceof SSLSocket tls)) {
        throw new CertificateException("socket: " + socket + " (expected: one with TLS)");
      }
      requireHostCheck(tls.getSSLParameters());
      authorities.checkServerTrusted(chain, authType, socket);
      requireOwnDomain(chain[0]);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    authorities.checkServerTrusted(chain, authType);
    requireOwnDomain(chain[0]);
    Optional<SpiffeId> actual = SpiffeId.of(chain[0]);
    if (expectedServer.isEmpty()) {
      throw new CertificateException("server: nothing to know it by (expected: a host name)");
    }
    if (!actual.equals(expectedServer)) {
      throw new CertificateException("server: " + actual.map(SpiffeId::toString).orElse("no id")
          + " (expected: " + expectedServer.get() + ")");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    authorities.checkClientTrusted(chain, authType);
    requireOwnDomain(chain[0]);
  }

  /**
   * Checks a peer again that another trust has believed, and whose name, if it is known by that, has been compared.
   *
   * @param chain that it has shown
   * @param isClient whether it is the client
   * @throws CertificateException if it is not believed
   */
  public void recheck(X509Certificate[] chain, boolean isClient) throws CertificateException {
    if (isClient) {
      checkClientTrusted(chain, ANY);
    } else if (expectedServer.isPresent()) {
      checkServerTrusted(chain, ANY);
    } else {
      authorities.checkServerTrusted(chain, ANY);
      requireOwnDomain(chain[0]);
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }

  private static void requireHostCheck(SSLParameters parameters) throws CertificateException {
    String algorithm = parameters.getEndpointIdentificationAlgorithm();
    if (!"HTTPS".equals(algorithm)) {
      throw new CertificateException(
          "endpointIdentificationAlgorithm: " + algorithm + " (expected: HTTPS, or a SPIFFE id)");
    }
  }

  private void requireOwnDomain(X509Certificate certificate) throws CertificateException {
    Optional<SpiffeId> id = SpiffeId.of(certificate);
    if (ownDomain.isPresent()
        && id.isPresent()
        && !id.get().trustDomain().equals(ownDomain.get())) {
      throw new CertificateException(
          "peer: " + id.get() + " (expected: trust domain " + ownDomain.get() + ")");
    }
  }
}
