package dev.msk.examples.chassis;

import dev.msk.core.Scheduler;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Who this process is to the other services: a certificate with a SPIFFE id, from the files {@code
 * tls.key}, {@code tls.crt} and {@code ca.crt} in the folder {@code TLS_FOLDER}. They are read again
 * each ten seconds.
 */
public final class Identity {

  /** The trust domain of the shop: every service is {@code spiffe://shop.example/NAME}. */
  public static final String TRUST_DOMAIN = "shop.example";

  private Identity() {}

  /**
   * Reads the identity, and goes on looking for a newer one.
   *
   * @param folder with the three files
   * @param scheduler looks
   * @return to be closed
   */
  public static TlsIdentity of(Path folder, Scheduler scheduler) {
    return TlsIdentity.builder(folder)
        .peerIds(Identity::spiffeId)
        .poll(scheduler, Duration.ofSeconds(10))
        .build();
  }

  /**
   * Whom to expect behind the name of a service.
   *
   * @param service for instance {@code inventory}
   * @return for instance {@code spiffe://shop.example/inventory}
   */
  public static SpiffeId spiffeId(String service) {
    return new SpiffeId(TRUST_DOMAIN, "/" + service);
  }
}
