package dev.msk.discovery.baddays;

import dev.msk.core.security.TlsSource;
import dev.msk.discovery.http.SelfSigned;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A service's certificate that is exchanged while calls flow, in the order that loses none: clients trust the next one as well, servers
 * present it, clients trust the old one no more.
 */
final class Rotation implements TlsSource {

  /** The service whose certificate it is. */
  static final String SERVICE = "rotated";

  private static final String OLD = "old";
  private static final String NEXT = "next";

  private final Map<String, SelfSigned> certificates = Certificates.MADE;
  private final SSLContext server;
  private final Set<String> shown = ConcurrentHashMap.newKeySet();
  private volatile String presented = OLD;
  private volatile List<String> trusted = List.of(OLD);
  private final AtomicLong generation = new AtomicLong(1);

  Rotation() throws GeneralSecurityException {
    this.server = SSLContext.getInstance("TLS");
    server.init(new KeyManager[] {new Presented()}, null, null);
  }

  /** For servers, which show to each new connection what is presented then. */
  SSLContext server() {
    return server;
  }

  /** For clients, which get a new generation. */
  void trust(boolean old, boolean next) {
    trusted = old && next ? List.of(OLD, NEXT) : List.of(old ? OLD : NEXT);
    generation.incrementAndGet();
  }

  void presentNext() {
    presented = NEXT;
  }

  /** Whether a connection has seen the new certificate. */
  boolean nextWasShown() {
    return shown.contains(NEXT);
  }

  @Override
  public SSLContext context(String peer) {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      for (String name : trusted) {
        anchors.setCertificateEntry(name, certificate(name));
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(anchors);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Certificate certificate(String name) throws KeyStoreException {
    return certificates.get(name).keys().getCertificate(SERVICE);
  }

  @Override
  public long generation() {
    return generation.get();
  }

  @Override
  public Registration onChange(Runnable listener) {
    return () -> {};
  }

  /** Made once: each takes a second. */
  private static final class Certificates {

    static final Map<String, SelfSigned> MADE = make();

    private static Map<String, SelfSigned> make() {
      try {
        return Map.of(OLD, one(), NEXT, one());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private static SelfSigned one() throws Exception {
      Path folder = Files.createTempDirectory("rotation");
      SelfSigned certificate = SelfSigned.of(SERVICE, folder);
      Files.delete(certificate.file());
      Files.delete(folder);
      return certificate;
    }
  }

  /** Chooses what is presented once for each handshake, so that key and certificate are of one pair. */
  private final class Presented extends X509ExtendedKeyManager {

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
      if (!keyType.startsWith("EC")) {
        return null;
      }
      String chosen = presented;
      shown.add(chosen);
      return chosen;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return certificates.get(alias).privateKey();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      try {
        return new X509Certificate[] {(X509Certificate) certificate(alias)};
      } catch (KeyStoreException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
      return new String[] {OLD, NEXT};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
      return null;
    }
  }
}
