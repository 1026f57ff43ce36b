package dev.msk.examples.demo;

import dev.msk.examples.chassis.Identity;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who vouches for whom, made anew for each demo: a certificate authority for the services, and an
 * issuer of access tokens for the customers.
 */
public final class Trust implements AutoCloseable {

  /** What a customer of the shop may do. */
  public static final String[] ALL_SCOPES = {"orders:read", "orders:write"};

  private final Path folder;
  private final TestCa authority = TestCa.create(Identity.TRUST_DOMAIN);
  private final TestIdp issuer = TestIdp.builder().start();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  Trust(Path folder) {
    this.folder = folder;
  }

  /** A folder with the certificate of a service. */
  synchronized Path identityOf(String service) {
    return authority.certificate(service).issue().writeTo(folder.resolve(service));
  }

  /**
   * The identity of a service of this shop, or of somebody who says so.
   *
   * @param service its name
   * @param genuine whether the shop's authority vouches for it, or one of the same name
   * @return whom it is, and trusting this shop's authority
   */
  public TlsIdentity identity(String service, boolean genuine) {
    TestCa signer = genuine ? authority : TestCa.create(Identity.TRUST_DOMAIN);
    Path files = signer
        .certificate(service)
        .issue()
        .writeTo(folder.resolve((genuine ? "caller-" : "false-") + service), authority.authority());
    return TlsIdentity.builder(files)
        .peerIds(peer -> new SpiffeId(Identity.TRUST_DOMAIN, "/" + peer))
        .build();
  }

  /** The issuer's name. */
  String issuer() {
    return issuer.issuer();
  }

  /**
   * A token of a customer who may do everything, the same one each time.
   *
   * @param customer the subject
   * @return for {@code Authorization: Bearer}
   */
  public String token(String customer) {
    return tokens.computeIfAbsent(customer, name -> token(name, ALL_SCOPES));
  }

  /**
   * A token of a customer.
   *
   * @param customer the subject
   * @param scopes what it allows
   * @return for {@code Authorization: Bearer}
   */
  public String token(String customer, String... scopes) {
    return issuer
        .token(customer)
        .audience("shop")
        .scopes(scopes)
        .life(Duration.ofHours(8))
        .sign();
  }

  @Override
  public void close() {
    issuer.close();
  }
}
