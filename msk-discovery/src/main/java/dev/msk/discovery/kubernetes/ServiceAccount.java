package dev.msk.discovery.kubernetes;

import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.security.TlsSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What Kubernetes puts into each pod: {@code namespace}, {@code token} and {@code ca.crt}.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/">Kubernetes, accessing the API from a pod</a>
 */
final class ServiceAccount {

  private final Path folder;

  ServiceAccount(Path folder) {
    this.folder = folder;
  }

  String namespace() {
    try {
      return Files.readString(folder.resolve("namespace")).strip();
    } catch (IOException e) {
      throw missing(e);
    }
  }

  /** Kubernetes exchanges the file before the token in it expires. */
  CredentialSource credentials() {
    Path token = folder.resolve("token");
    return peer -> {
      try {
        return CompletableFuture.completedStage(
            new Credential("Bearer", Files.readString(token).strip(), Instant.MAX));
      } catch (IOException e) {
        return CompletableFuture.failedStage(e);
      }
    };
  }

  TlsSource tls() {
    SSLContext context = context();
    return new TlsSource() {
      @Override
      public SSLContext context(String peer) {
        return context;
      }

      @Override
      public long generation() {
        return 0;
      }

      @Override
      public Registration onChange(Runnable listener) {
        return () -> {};
      }
    };
  }

  private SSLContext context() {
    try (InputStream in = Files.newInputStream(folder.resolve("ca.crt"))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException e) {
      throw missing(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          folder.resolve("ca.crt") + ": " + e.getMessage() + " (expected: certificates in PEM)", e);
    }
  }

  private IllegalStateException missing(IOException e) {
    return new IllegalStateException(
        "service account: " + e + " (expected: the files of a pod's service account in " + folder
            + ")",
        e);
  }
}
