package dev.msk.security.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.security.SpiffeId;
import dev.msk.security.internal.Der;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * An authority of a trust domain that issues certificates to services, for tests and demonstrations. Its key is made when it
 * is, on P-256, and stays in this process. Immutable, thread-safe.
 */
public final class TestCa {

  private static final int[] COMMON_NAME = {2, 5, 4, 3};
  private static final int[] KEY_USAGE = {2, 5, 29, 15};
  private static final int[] ALTERNATIVE_NAME = {2, 5, 29, 17};
  private static final int[] BASIC_CONSTRAINTS = {2, 5, 29, 19};
  private static final int[] EXTENDED_KEY_USAGE = {2, 5, 29, 37};
  private static final int[] SERVER_AUTH = {1, 3, 6, 1, 5, 5, 7, 3, 1};
  private static final int[] CLIENT_AUTH = {1, 3, 6, 1, 5, 5, 7, 3, 2};
  private static final int[] ECDSA_SHA256 = {1, 2, 840, 10045, 4, 3, 2};
  private static final int NAME_DNS = 0x82;
  private static final int NAME_URI = 0x86;
  private static final int NAME_IP = 0x87;
  private static final Instant BEGIN = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2049-12-31T00:00:00Z");

  private final String trustDomain;
  private final KeyPair keys;
  private final byte[] name;
  private final X509Certificate certificate;

  private TestCa(String trustDomain) {
    this.trustDomain = trustDomain;
    this.keys = newKeys();
    this.name = name(trustDomain + " authority " + serial().toString(36));
    byte[] constraints = extension(BASIC_CONSTRAINTS, Der.sequence(Der.yes()));
    byte[] usage = extension(KEY_USAGE, Der.bits(1, (byte) 0x06));
    this.certificate = sign(name, keys.getPublic(), BEGIN, END, constraints, usage);
  }

  /**
   * A new authority, valid from 2000 to 2049.
   *
   * @param trustDomain whose workloads it vouches for, for example {@code shop.example}
   * @return the authority
   */
  public static TestCa create(String trustDomain) {
    return new TestCa(new SpiffeId(trustDomain, "").trustDomain());
  }

  /**
   * A certificate to be issued, on a key of its own: with the SPIFFE id {@code spiffe://trust-domain/service}, for servers
   * and clients, on the hosts {@code localhost} and {@code 127.0.0.1} and the service's name, for one day.
   *
   * @param service its name
   * @return what may be changed before it is issued
   */
  public Request certificate(String service) {
    return new Request(requireNonNull(service, "service"));
  }

  /**
   * The authority's own certificate.
   *
   * @return for a trust bundle
   */
  public X509Certificate authority() {
    return certificate;
  }

  private X509Certificate sign(
      byte[] subject, PublicKey key, Instant from, Instant until, byte[]... extensions) {
    byte[] algorithm = Der.sequence(Der.oid(ECDSA_SHA256));
    byte[] body = Der.sequence(
        Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
        Der.integer(serial()),
        algorithm,
        name,
        Der.sequence(Der.time(from), Der.time(until)),
        subject,
        key.getEncoded(),
        Der.tagged(0xa3, Der.sequence(extensions)));
    try {
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(keys.getPrivate());
      signer.update(body);
      byte[] encoded = Der.sequence(body, algorithm, Der.bits(0, signer.sign()));
      return (X509Certificate) CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(encoded));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("certificate", e);
    }
  }

  private static byte[] extension(int[] oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.yes(), Der.octets(value));
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.text(commonName))));
  }

  private static BigInteger serial() {
    return new BigInteger(100, new SecureRandom()).add(BigInteger.ONE);
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("key on P-256", e);
    }
  }

  /** A certificate before it is issued. Confined to one thread. */
  public final class Request {

    private final String service;
    private String spiffeId;
    private Instant from = Instant.now().minus(Duration.ofMinutes(1));
    private Instant until = Instant.now().plus(Duration.ofDays(1));

    private Request(String service) {
      this.service = service;
      this.spiffeId = new SpiffeId(trustDomain, "/" + service).toString();
    }

    /**
     * Names the workload otherwise.
     *
     * @param id in the certificate instead of the default; not checked, so that a wrong one can be made
     * @return this
     */
    public Request spiffeId(String id) {
      this.spiffeId = requireNonNull(id, "id");
      return this;
    }

    /**
     * Says when the certificate is valid.
     *
     * @param from default one minute ago
     * @param until default one day ahead
     * @return this
     */
    public Request valid(Instant from, Instant until) {
      this.from = requireNonNull(from, "from");
      this.until = requireNonNull(until, "until");
      return this;
    }

    /**
     * Issues the certificate.
     *
     * @return certificate and key
     */
    public TestCertificate issue() {
      KeyPair own = newKeys();
      return new TestCertificate(issueFor(own.getPublic()), own.getPrivate(), certificate);
    }

    /**
     * Issues the certificate for a key that somebody else has made.
     *
     * @param key its public half
     * @return the certificate
     */
    public X509Certificate issueFor(PublicKey key) {
      List<byte[]> names = new ArrayList<>();
      names.add(Der.tagged(NAME_URI, spiffeId.getBytes(StandardCharsets.US_ASCII)));
      names.add(Der.tagged(NAME_DNS, "localhost".getBytes(StandardCharsets.US_ASCII)));
      names.add(Der.tagged(NAME_DNS, service.getBytes(StandardCharsets.US_ASCII)));
      names.add(Der.tagged(NAME_IP, InetAddress.getLoopbackAddress().getAddress()));
      return sign(
          name(service),
          requireNonNull(key, "key"),
          from,
          until,
          extension(BASIC_CONSTRAINTS, Der.sequence()),
          extension(KEY_USAGE, Der.bits(7, (byte) 0x80)),
          extension(EXTENDED_KEY_USAGE, Der.sequence(Der.oid(SERVER_AUTH), Der.oid(CLIENT_AUTH))),
          extension(ALTERNATIVE_NAME, Der.sequence(names.toArray(byte[][]::new))));
    }
  }
}
