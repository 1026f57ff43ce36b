package dev.msk.security.internal;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** Contexts with TLS 1.3, and 1.2 with forward secrecy and AEAD; servers require a certificate of their clients. */
public final class StrictTls {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private static final List<String> SUITES = List.of(
      "TLS_AES_256_GCM_SHA384",
      "TLS_AES_128_GCM_SHA256",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private StrictTls() {}

  /**
   * A context.
   *
   * @param material what to present
   * @param trust whom to believe
   * @param guard what is given out for engines and sockets
   * @return the context
   * @throws GeneralSecurityException if the JDK cannot make one of it
   */
  public static SSLContext context(
      KeyMaterial material, PeerTrust trust, DelegatingSslContext.Guards guard)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(material.keyManagers(), new TrustManager[] {trust}, null);
    List<String> supported = List.of(context.getSupportedSSLParameters().getCipherSuites());
    String[] suites = SUITES.stream().filter(supported::contains).toArray(String[]::new);
    return DelegatingSslContext.of(() -> context, parameters -> tuned(parameters, suites), guard);
  }

  private static SSLParameters tuned(SSLParameters parameters, String[] suites) {
    parameters.setProtocols(Stream.of(PROTOCOLS).toArray(String[]::new));
    parameters.setCipherSuites(suites);
    parameters.setNeedClientAuth(true);
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setUseCipherSuitesOrder(true);
    return parameters;
  }
}
