package dev.msk.discovery.http;

import dev.msk.discovery.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A port whose queue of connections is full and stays so: whoever connects hears nothing, as of a process that is stopped. */
final class DeafServer implements AutoCloseable {

  private final ServerSocket socket;
  private final List<SocketChannel> queue = new ArrayList<>();

  private DeafServer(ServerSocket socket) {
    this.socket = socket;
  }

  static DeafServer start() throws IOException {
    DeafServer server = new DeafServer(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    for (int i = 0; i < 8; i++) {
      SocketChannel waiting = SocketChannel.open();
      waiting.configureBlocking(false);
      waiting.connect(server.socket.getLocalSocketAddress());
      server.queue.add(waiting);
    }
    return server;
  }

  Instance instance(String service) {
    return Instance.builder(service, "127.0.0.1", socket.getLocalPort()).id("a").build();
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel waiting : queue) {
      waiting.close();
    }
    socket.close();
  }
}
