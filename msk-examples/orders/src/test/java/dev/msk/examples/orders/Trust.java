package dev.msk.examples.orders;

import dev.msk.examples.chassis.Identity;
import dev.msk.security.LiveTls;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import java.net.http.HttpClient;
import java.nio.file.Path;

/** Who vouches for whom: an authority for certificates of services, an issuer of tokens for customers. */
final class Trust implements AutoCloseable {

  private final TestCa ca = TestCa.create(Identity.TRUST_DOMAIN);
  private final TestIdp idp = TestIdp.builder().start();
  private final Path folder;

  Trust(Path folder) {
    this.folder = folder;
  }

  /** A folder with the identity of a service. */
  Path identity(String service) {
    return ca.certificate(service).issue().writeTo(folder.resolve(service));
  }

  /** The identity of a service that another authority has made up. It trusts ours. */
  Path falseIdentity(String service) {
    return TestCa.create(Identity.TRUST_DOMAIN)
        .certificate(service)
        .issue()
        .writeTo(folder.resolve("false-" + service), ca.authority());
  }

  /** What a service calls orders with. */
  HttpClient caller(Path files) {
    TlsIdentity identity =
        TlsIdentity.builder(files).peerIds(Identity::spiffeId).build();
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_2)
        .sslContext(LiveTls.context(identity, "orders"))
        .build();
  }

  TestIdp idp() {
    return idp;
  }

  /** A value of {@code Authorization}, with both scopes of orders. */
  String token(String customer) {
    return token(customer, "orders:read", "orders:write");
  }

  String token(String customer, String... scopes) {
    return "Bearer " + idp.token(customer).audience("shop").scopes(scopes).sign();
  }

  @Override
  public void close() {
    idp.close();
  }
}
