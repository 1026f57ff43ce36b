package dev.msk.security.internal;

import dev.msk.security.SpiffeId;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which authorities vouch for whom: those of a trust domain for its own workloads only. A peer without a SPIFFE id is left
 * to our own authorities, and so is every peer while we have no id ourselves.
 *
 * @param ownAuthorities of our domain
 * @param ownDomain our trust domain, if we have one
 * @param federated authorities of other domains, by domain
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md#46-federated-bundles">Federated
 *     bundles</a>
 */
public record TrustBundles(
    X509ExtendedTrustManager ownAuthorities,
    Optional<String> ownDomain,
    Map<String, X509ExtendedTrustManager> federated) {

  /**
   * Who may vouch for a peer that is known by its id, or by that of its domain.
   *
   * @param peer its certificate, not yet believed
   * @return the authorities of its domain
   * @throws CertificateException if nobody may
   */
  X509ExtendedTrustManager of(X509Certificate peer) throws CertificateException {
    Optional<String> domain = foreignDomain(peer);
    X509ExtendedTrustManager authorities =
        domain.isEmpty() ? ownAuthorities : federated.get(domain.get());
    if (authorities == null) {
      throw foreign(peer);
    }
    return authorities;
  }

  /**
   * Who may vouch for a peer that is known by its host name. Authorities of other domains may not: they would choose names
   * in ours.
   *
   * @param peer its certificate, not yet believed
   * @return our own authorities
   * @throws CertificateException if it is of another domain
   */
  X509ExtendedTrustManager own(X509Certificate peer) throws CertificateException {
    if (foreignDomain(peer).isPresent()) {
      throw foreign(peer);
    }
    return ownAuthorities;
  }

  X509Certificate[] acceptedIssuers() {
    return Stream.concat(Stream.of(ownAuthorities), federated.values().stream())
        .flatMap(authorities -> Stream.of(authorities.getAcceptedIssuers()))
        .toArray(X509Certificate[]::new);
  }

  private Optional<String> foreignDomain(X509Certificate peer) {
    return ownDomain.flatMap(
        own -> SpiffeId.of(peer).map(SpiffeId::trustDomain).filter(domain -> !domain.equals(own)));
  }

  private CertificateException foreign(X509Certificate peer) {
    String id = SpiffeId.of(peer).map(SpiffeId::toString).orElse("no id");
    return new CertificateException(
        "peer: " + id + " (expected: trust domain " + ownDomain.orElse("none") + ")");
  }
}
