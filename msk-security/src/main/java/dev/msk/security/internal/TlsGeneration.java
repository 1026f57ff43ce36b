package dev.msk.security.internal;

import dev.msk.security.SpiffeId;
import dev.msk.security.spi.TlsMaterial;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * A set that is in force, and the contexts that were made of it. Thread-safe.
 *
 * @param number grows with each set
 * @param material the set
 * @param contexts by peer
 */
public record TlsGeneration(long number, KeyMaterial material, Map<String, PeerContext> contexts) {

  private static final int MAX_PEERS = 1000;

  /**
   * A generation without contexts yet.
   *
   * @param number of it
   * @param set as it was brought
   * @param now the time
   * @return the generation
   * @throws GeneralSecurityException if the set must not be used
   */
  public static TlsGeneration of(long number, TlsMaterial set, Instant now)
      throws GeneralSecurityException {
    return new TlsGeneration(number, KeyMaterial.of(set, now), new ConcurrentHashMap<>());
  }

  /**
   * The context for a peer, always the same in one generation.
   *
   * @param peer its name
   * @param peerIds which id the peer must have when it is the server; empty to go by host names
   * @param present who is believed while connections last
   * @return the context
   */
  public PeerContext context(
      String peer, Optional<Function<String, SpiffeId>> peerIds, LiveTrust present) {
    if (contexts.size() >= MAX_PEERS && !contexts.containsKey(peer)) {
      throw new IllegalStateException(
          "peer: " + peer + " is one too many (expected: at most " + MAX_PEERS + ")");
    }
    return contexts.computeIfAbsent(
        peer, name -> newContext(name, peerIds.map(ids -> ids.apply(name)), present));
  }

  private PeerContext newContext(
      String peer, Optional<SpiffeId> expectedServer, LiveTrust present) {
    try {
      PeerTrust trust = new PeerTrust(material.bundles(), expectedServer);
      return new PeerContext(
          StrictTls.context(material, trust, new PeerGuards(present, peer, number)), trust);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS context of " + material, e);
    }
  }

  /**
   * What connections with a peer are made with.
   *
   * @param context for them
   * @param trust that they are made by
   */
  public record PeerContext(SSLContext context, PeerTrust trust) {}
}
