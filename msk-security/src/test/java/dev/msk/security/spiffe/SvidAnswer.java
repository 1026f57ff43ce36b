package dev.msk.security.spiffe;

import com.google.protobuf.CodedOutputStream;
import dev.msk.security.SpiffeId;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/** An {@code X509SVIDResponse}, written by protobuf's own library. */
public final class SvidAnswer {

  private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();

  public static SvidAnswer empty() {
    return new SvidAnswer();
  }

  /** One SVID, whose own authority and others are trusted. */
  public static SvidAnswer of(TestCertificate svid, TestCa... alsoTrusted) {
    return empty().svid(svid, "", alsoTrusted);
  }

  public SvidAnswer svid(TestCertificate svid, String hint, TestCa... alsoTrusted) {
    X509Certificate[] bundle = Stream.concat(
            Stream.of(svid.authority()), Stream.of(alsoTrusted).map(TestCa::authority))
        .toArray(X509Certificate[]::new);
    return svid(
        SpiffeId.of(svid.certificate()).map(SpiffeId::toString).orElse(""),
        der(svid.certificate()),
        svid.key().getEncoded(),
        der(bundle),
        hint);
  }

  public SvidAnswer svid(String id, byte[] chain, byte[] key, byte[] bundle, String hint) {
    return field(1, message(out -> {
      out.writeString(1, id);
      out.writeByteArray(2, chain);
      out.writeByteArray(3, key);
      out.writeByteArray(4, bundle);
      out.writeString(5, hint);
      out.writeUInt64(99, Long.MAX_VALUE); // fields of some later version
      out.writeFixed64(98, 7);
      out.writeFixed32(97, 7);
    }));
  }

  public SvidAnswer crl(byte[] list) {
    return field(2, list);
  }

  public SvidAnswer federated(String trustDomain, TestCa... authorities) {
    return federated(
        trustDomain,
        der(Stream.of(authorities).map(TestCa::authority).toArray(X509Certificate[]::new)));
  }

  public SvidAnswer federated(String trustDomain, byte[] bundle) {
    return field(3, message(out -> {
      out.writeString(1, trustDomain);
      out.writeByteArray(2, bundle);
    }));
  }

  public byte[] encoded() {
    return encoded.toByteArray();
  }

  static byte[] der(X509Certificate... certificates) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (X509Certificate certificate : List.of(certificates)) {
      try {
        all.writeBytes(certificate.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException(e);
      }
    }
    return all.toByteArray();
  }

  static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private SvidAnswer field(int number, byte[] value) {
    encoded.writeBytes(message(out -> out.writeByteArray(number, value)));
    return this;
  }

  private static byte[] message(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      writer.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }
}
