package dev.msk.security.fuzz;

import dev.msk.security.SpiffeId;
import dev.msk.security.testing.TestCa;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Certificates of peers, in DER, and SPIFFE ids as text after {@code t}: an id is well-formed, or there is none. */
public final class PeerTarget {

  private PeerTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length > 0 && data[0] == 't') {
      text(new String(data, 1, data.length - 1, StandardCharsets.UTF_8))
          .ifPresent(PeerTarget::requireSound);
      return;
    }
    try {
      X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(data));
      SpiffeId.of(certificate).ifPresent(PeerTarget::requireSound);
    } catch (CertificateException e) {
      // No certificate, no handshake.
    }
  }

  static List<byte[]> seeds() {
    try {
      X509Certificate authority = TestCa.create("shop.example").authority();
      byte[] der = authority.getEncoded();
      return List.of(
          der,
          Arrays.copyOf(der, der.length / 2),
          Seeds.of("tspiffe://shop.example/orders").get(0),
          Seeds.of("tspiffe://shop.example/a/../b").get(0),
          Seeds.of("tspiffe://SHOP.example:443/%61?b#c").get(0));
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<SpiffeId> text(String text) {
    try {
      return Optional.of(SpiffeId.of(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void requireSound(SpiffeId id) {
    boolean plain = id.toString()
        .chars()
        .allMatch(c -> c > 0x20 && c < 0x7f && c != '%' && c != '?' && c != '#');
    if (!plain
        || (id.path() + "/").contains("/../")
        || !SpiffeId.of(id.toString()).equals(id)) {
      throw new AssertionError("id: " + id);
    }
  }
}
