package dev.msk.security.fuzz;

import dev.msk.security.internal.KeyMaterial;
import dev.msk.security.internal.PemFiles;
import dev.msk.security.testing.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Three files in PEM, parted by zeros: key, chain, bundle. They are taken, or refused with a {@link GeneralSecurityException}. */
public final class PemTarget {

  private PemTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    int first = zero(data, 0);
    int second = zero(data, Math.min(first + 1, data.length));
    PemFiles files = new PemFiles(
        Arrays.copyOfRange(data, 0, first),
        Arrays.copyOfRange(data, Math.min(first + 1, data.length), second),
        Arrays.copyOfRange(data, Math.min(second + 1, data.length), data.length));
    try {
      KeyMaterial material = KeyMaterial.of(files.material(), Instant.now());
      if (material.keyManagers().length == 0 || material.bundles() == null) {
        throw new AssertionError("no managers: " + material);
      }
    } catch (GeneralSecurityException e) {
      requireMessage(e);
    }
  }

  static List<byte[]> seeds() {
    try {
      Path folder = Files.createTempDirectory("msk-fuzz");
      TestCa.create("shop.example").certificate("orders").issue().writeTo(folder);
      String key = read(folder.resolve("tls.key"));
      String chain = read(folder.resolve("tls.crt"));
      String bundle = read(folder.resolve("ca.crt"));
      return Seeds.of(
          key + "\0" + chain + "\0" + bundle,
          key + "\0" + chain + "\0" + chain,
          key + "\0" + bundle + "\0" + bundle,
          "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\0" + chain + "\0" + bundle,
          "\0\0");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireMessage(GeneralSecurityException e) {
    if (e.getMessage() == null || e.getMessage().isBlank()) {
      throw new AssertionError("refused without a word", e);
    }
  }

  private static int zero(byte[] data, int from) {
    for (int i = from; i < data.length; i++) {
      if (data[i] == 0) {
        return i;
      }
    }
    return data.length;
  }

  private static String read(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    Files.delete(file);
    return text;
  }
}
