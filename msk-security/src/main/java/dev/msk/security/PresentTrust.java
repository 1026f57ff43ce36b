package dev.msk.security;

import dev.msk.security.internal.LiveTrust;
import dev.msk.security.internal.TlsGeneration;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What guards of connections ask, for as long as the connections last.
 *
 * @param current the set in force
 * @param peerIds by which servers are known
 * @param events tells of refusals
 */
record PresentTrust(
    Supplier<TlsGeneration> current,
    Optional<Function<String, SpiffeId>> peerIds,
    SecurityEvents events)
    implements LiveTrust {

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);

  @Override
  public long generation() {
    return current.get().number();
  }

  @Override
  public void require(String peer, X509Certificate[] chain, boolean isClient)
      throws CertificateException {
    current.get().context(peer, peerIds, this).trust().recheck(chain, isClient);
  }

  @Override
  public void refused(X509Certificate certificate, String reason) {
    log.info("Connection is refused: {}", reason);
    events.emit(TlsEvents.peerRefused(certificate, generation(), reason));
  }
}
