package dev.msk.security.internal;

import dev.msk.security.SpiffeId;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * A set of files that is in force, and the contexts that were made of it. Thread-safe.
 *
 * @param number grows with each set
 * @param files as they were read
 * @param material what they hold
 * @param contexts by peer
 */
public record TlsGeneration(
    long number, PemFiles files, KeyMaterial material, Map<String, SSLContext> contexts) {

  private static final int MAX_PEERS = 1000;

  /**
   * A generation without contexts yet.
   *
   * @param number of it
   * @param files as they were read
   * @param now the time
   * @return the generation
   * @throws GeneralSecurityException if the files must not be used
   */
  public static TlsGeneration of(long number, PemFiles files, Instant now)
      throws GeneralSecurityException {
    return new TlsGeneration(number, files, KeyMaterial.of(files, now), new ConcurrentHashMap<>());
  }

  /**
   * The context for a peer, always the same in one generation.
   *
   * @param peer its name
   * @param peerIds which id the peer must have when it is the server; empty to go by host names
   * @return the context
   */
  public SSLContext context(String peer, Optional<Function<String, SpiffeId>> peerIds) {
    if (contexts.size() >= MAX_PEERS && !contexts.containsKey(peer)) {
      throw new IllegalStateException(
          "peer: " + peer + " is one too many (expected: at most " + MAX_PEERS + ")");
    }
    return contexts.computeIfAbsent(peer, name -> newContext(peerIds.map(ids -> ids.apply(name))));
  }

  private SSLContext newContext(Optional<SpiffeId> expectedServer) {
    try {
      Optional<String> ownDomain = SpiffeId.of(material.certificate()).map(SpiffeId::trustDomain);
      return StrictTls.context(
          material, new PeerTrust(material.trustManager(), expectedServer, ownDomain));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS context of " + material, e);
    }
  }
}
