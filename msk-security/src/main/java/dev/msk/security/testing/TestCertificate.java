package dev.msk.security.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/**
 * A certificate that a {@link TestCa} has issued, and its key. Immutable.
 *
 * @param certificate of a service
 * @param key its private key
 * @param authority that has signed it
 */
public record TestCertificate(
    X509Certificate certificate, PrivateKey key, X509Certificate authority) {

  /**
   * Writes {@code tls.key}, {@code tls.crt} and {@code ca.crt}, each at once in place of the one before; the key can be read
   * by its owner only.
   *
   * @param folder is made if it is not there
   * @param alsoTrusted authorities for {@code ca.crt} beside the one that has signed
   * @return the folder
   * @throws UncheckedIOException if a file cannot be written
   */
  public Path writeTo(Path folder, X509Certificate... alsoTrusted) {
    try {
      Files.createDirectories(folder);
      StringBuilder bundle = new StringBuilder(pem("CERTIFICATE", encoded(authority)));
      for (X509Certificate other : alsoTrusted) {
        bundle.append(pem("CERTIFICATE", encoded(other)));
      }
      replace(folder, "tls.key", pem("PRIVATE KEY", key.getEncoded()));
      replace(folder, "tls.crt", pem("CERTIFICATE", encoded(certificate)));
      replace(folder, "ca.crt", bundle.toString());
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names the certificate; never the key. */
  @Override
  public String toString() {
    return "TestCertificate[" + certificate.getSubjectX500Principal() + "]";
  }

  private static void replace(Path folder, String name, String text) throws IOException {
    Path whole = Files.createTempFile(folder, ".pem", null, ownerOnly());
    Files.writeString(whole, text, StandardCharsets.US_ASCII);
    Files.move(
        whole,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("certificate", e);
    }
  }

  private static String pem(String type, byte[] encoded) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }
}
