package dev.msk.security.internal;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

/**
 * Guards of the connections with one peer.
 *
 * @param trust who is believed
 * @param peer name that the context was made for
 * @param generation by which handshakes believe it
 */
record PeerGuards(LiveTrust trust, String peer, long generation)
    implements DelegatingSslContext.Guards {

  @Override
  public SSLEngine engine(SSLEngine engine) {
    return new GuardedEngine(engine, new PeerGuard(trust, peer, generation));
  }

  @Override
  public SSLSocket socket(SSLSocket socket) {
    return new GuardedSocket(socket, new PeerGuard(trust, peer, generation));
  }
}
