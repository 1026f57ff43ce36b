package dev.msk.security.spi;

import static java.util.Objects.requireNonNull;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A key, its certificate and whom to trust, as a source has brought them: parsed, not yet believed. Immutable.
 *
 * @param key private; RSA, EC or Ed25519
 * @param chain the certificate of the key first, then those that lead to an authority
 * @param authorities that are trusted, for the trust domain of the certificate if it has a SPIFFE id
 * @param federated authorities of other trust domains, by the name of the domain; each vouches for workloads of its own
 *     domain only
 */
public record TlsMaterial(
    PrivateKey key,
    List<X509Certificate> chain,
    List<X509Certificate> authorities,
    Map<String, List<X509Certificate>> federated) {

  /**
   * Keeps copies.
   *
   * @param key private
   * @param chain the certificate first
   * @param authorities that are trusted
   * @param federated those of other trust domains
   */
  public TlsMaterial {
    requireNonNull(key, "key");
    chain = List.copyOf(chain);
    authorities = List.copyOf(authorities);
    Map<String, List<X509Certificate>> copy = new LinkedHashMap<>();
    federated.forEach((domain, bundle) -> copy.put(domain, List.copyOf(bundle)));
    federated = Map.copyOf(copy);
  }

  /** Counts what there is; never the key. */
  @Override
  public String toString() {
    return "TlsMaterial[chain=" + chain.size() + ", authorities=" + authorities.size()
        + ", federated=" + federated.keySet() + "]";
  }
}
