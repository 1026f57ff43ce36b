package dev.msk.localservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;

/**
 * PKCS12 stores for one side of a mutual TLS connection: what it shows and whom it trusts.
 *
 * @param keyStore a self-signed key, for {@code 127.0.0.1} and {@code localhost}
 * @param trustStore the certificate of the other side
 * @param password of both stores and of the key
 */
public record MtlsStores(Path keyStore, Path trustStore, String password) {
  private static final String PASSWORD = "changeit";
  private static final String ALIAS = "self";

  /**
   * Kafka client properties.
   *
   * @return for a producer, a consumer or an admin client
   */
  public Map<String, String> kafkaProperties() {
    return Map.of(
        "security.protocol",
        "SSL",
        "ssl.keystore.type",
        "PKCS12",
        "ssl.keystore.location",
        keyStore.toString(),
        "ssl.keystore.password",
        password,
        "ssl.key.password",
        password,
        "ssl.truststore.type",
        "PKCS12",
        "ssl.truststore.location",
        trustStore.toString(),
        "ssl.truststore.password",
        password);
  }

  /** Makes a key for each of two sides that trust each other: the first, then the second. */
  static MtlsStores[] pair(Path folder, String first, String second) {
    try {
      KeyStore one = key(folder, first);
      KeyStore two = key(folder, second);
      trust(folder, first, two);
      trust(folder, second, one);
    } catch (IOException | GeneralSecurityException e) {
      throw new LocalServerException("keys in " + folder + ": " + e, e);
    }
    return new MtlsStores[] {of(folder, first), of(folder, second)};
  }

  private static MtlsStores of(Path folder, String side) {
    return new MtlsStores(keys(folder, side), folder.resolve(side + "-trust.p12"), PASSWORD);
  }

  private static Path keys(Path folder, String side) {
    return folder.resolve(side + "-key.p12");
  }

  private static KeyStore key(Path folder, String side)
      throws IOException, GeneralSecurityException {
    Path file = keys(folder, side);
    ChildProcess.builder("keytool")
        .command(
            ClassPath.java().resolveSibling("keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            "30",
            "-dname",
            "CN=" + side,
            "-ext",
            "san=ip:127.0.0.1,dns:localhost",
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString(),
            "-storepass",
            PASSWORD)
        .run();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private static void trust(Path folder, String side, KeyStore other)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("other", other.getCertificate(ALIAS));
    try (OutputStream out = Files.newOutputStream(of(folder, side).trustStore)) {
      store.store(out, PASSWORD.toCharArray());
    }
  }
}
