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
 * host; a client must come from an authority of the bundle of its trust domain.
 */
public final class PeerTrust extends X509ExtendedTrustManager {

  /** What JSSE gives for TLS 1.3, where the suite does not say how the peer authenticates. */
  private static final String ANY = "UNKNOWN";

  private final TrustBundles bundles;
  private final Optional<SpiffeId> expectedServer;

  /**
   * Trust in one peer.
   *
   * @param bundles check chains
   * @param expectedServer the id of the peer when it is the server; empty to go by its host name
   */
  public PeerTrust(TrustBundles bundles, Optional<SpiffeId> expectedServer) {
    this.bundles = bundles;
    this.expectedServer = expectedServer;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    if (expectedServer.isPresent()) {
      checkServerTrusted(chain, authType);
    } else {
      requireHostCheck(engine.getSSLParameters());
      bundles.own(chain[0]).checkServerTrusted(chain, authType, engine);
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
      bundles.own(chain[0]).checkServerTrusted(chain, authType, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    bundles.of(chain[0]).checkServerTrusted(chain, authType);
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
    bundles.of(chain[0]).checkClientTrusted(chain, authType);
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
      bundles.own(chain[0]).checkServerTrusted(chain, ANY);
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return bundles.acceptedIssuers();
  }

  private static void requireHostCheck(SSLParameters parameters) throws CertificateException {
    String algorithm = parameters.getEndpointIdentificationAlgorithm();
    if (!"HTTPS".equals(algorithm)) {
      throw new CertificateException(
          "endpointIdentificationAlgorithm: " + algorithm + " (expected: HTTPS, or a SPIFFE id)");
    }
  }
}
