package dev.msk.benchmarks.security;

import dev.msk.security.LiveTls;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A client and a server with certificates on P-256 of one authority, both of which want to know the other.
 *
 * @param client of the one
 * @param server of the other
 */
record TlsEnds(SSLContext client, SSLContext server) {

  private static final TestCa CA = TestCa.create("shop.example");
  private static final TestCertificate CLIENT = CA.certificate("gateway").issue();
  private static final TestCertificate SERVER = CA.certificate("orders").issue();
  private static final String HOST = "localhost";
  private static final char[] NO_PASSWORD = new char[0];

  /** Contexts of ours that follow their identity. */
  static TlsEnds ours() throws IOException {
    return new TlsEnds(live(CLIENT, "orders"), live(SERVER, "clients"));
  }

  /** Floor: contexts of the JDK, of the same keys, certificates and authority. */
  static TlsEnds plain() throws IOException, GeneralSecurityException {
    return new TlsEnds(plain(CLIENT), plain(SERVER));
  }

  /** A client of the JDK's own, so that what is measured is the server. */
  TlsEnds withPlainClient() throws IOException, GeneralSecurityException {
    return new TlsEnds(plain(CLIENT), server);
  }

  /** An engine of the client; sessions are resumed by host and port. */
  SSLEngine clientEngine(int port) {
    SSLEngine engine = client.createSSLEngine(HOST, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** An engine of the server. */
  SSLEngine serverEngine() {
    SSLEngine engine = server.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return engine;
  }

  private static SSLContext live(TestCertificate certificate, String peer) throws IOException {
    Path folder = certificate.writeTo(Files.createTempDirectory("bench-tls"));
    try {
      return LiveTls.context(TlsIdentity.builder(folder).build(), peer);
    } finally {
      for (String file : List.of("tls.key", "tls.crt", "ca.crt")) {
        Files.delete(folder.resolve(file));
      }
      Files.delete(folder);
    }
  }

  private static SSLContext plain(TestCertificate certificate)
      throws IOException, GeneralSecurityException {
    KeyStore keys = emptyStore();
    keys.setKeyEntry(
        "own", certificate.key(), NO_PASSWORD, new Certificate[] {certificate.certificate()});
    KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, NO_PASSWORD);
    KeyStore authorities = emptyStore();
    authorities.setCertificateEntry("authority", certificate.authority());
    TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    return context;
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
