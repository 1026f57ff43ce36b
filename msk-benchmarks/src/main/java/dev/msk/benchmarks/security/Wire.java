package dev.msk.benchmarks.security;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** Two buffers between two engines, in place of a network. Confined to one thread. */
final class Wire {

  private static final int SIZE = 64 * 1024;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteBuffer toServer = ByteBuffer.allocate(SIZE);
  private final ByteBuffer toClient = ByteBuffer.allocate(SIZE);
  private final ByteBuffer plain = ByteBuffer.allocate(SIZE);

  /** Carries a handshake, and the ticket behind it, until both ends have nothing left to say. */
  void handshake(SSLEngine client, SSLEngine server) throws SSLException {
    client.beginHandshake();
    boolean moved = true;
    while (moved) {
      moved = turn(client, toClient, toServer);
      moved |= turn(server, toServer, toClient);
    }
  }

  /** Carries data from one end to the other. */
  int carry(SSLEngine from, SSLEngine to, byte[] data) throws SSLException {
    plain.clear();
    toServer.clear();
    require(from.wrap(ByteBuffer.wrap(data), toServer));
    toServer.flip();
    SSLEngineResult result = require(to.unwrap(toServer, plain));
    toServer.clear();
    return result.bytesProduced();
  }

  private boolean turn(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    boolean moved = false;
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          for (Runnable task = engine.getDelegatedTask();
              task != null;
              task = engine.getDelegatedTask()) {
            task.run();
          }
        }
        case NEED_WRAP -> require(engine.wrap(NOTHING, out));
        default -> {
          if (in.position() == 0) {
            return moved;
          }
          in.flip();
          plain.clear();
          require(engine.unwrap(in, plain));
          in.compact();
        }
      }
      moved = true;
    }
  }

  private static SSLEngineResult require(SSLEngineResult result) throws SSLException {
    if (result.getStatus() != SSLEngineResult.Status.OK) {
      throw new SSLException(result.toString());
    }
    return result;
  }
}
