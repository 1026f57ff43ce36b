package dev.msk.localservers;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Whether a broker on 127.0.0.1 answers within a second, by AMQP 0-9-1, as the node that is meant: it tells the name of its cluster before
 * anybody has logged in, which is the node's. As much of the protocol as that takes, so that nobody gets a client from us.
 *
 * @param node its name, without the host
 */
record AmqpProbe(int port, String node) implements BooleanSupplier {
  private static final int MILLIS = 1_000;
  private static final byte[] HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  /** What stands before the payload of a frame: type, channel, size. */
  private static final int FRAME_START = 3;

  private static final int MAX_FRAME = 1 << 17;

  @Override
  public boolean getAsBoolean() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
      socket.setSoTimeout(MILLIS);
      socket.getOutputStream().write(HEADER);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      in.skipNBytes(FRAME_START);
      byte[] start = in.readNBytes(Math.min(MAX_FRAME, in.readInt()));
      return new String(start, StandardCharsets.ISO_8859_1).contains(node + "@");
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
