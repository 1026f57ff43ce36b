package dev.msk.localservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One connection of a proxy: two sockets and a thread for each direction. */
final class ProxyConnection {
  private static final int CONNECT_MILLIS = 5000;
  private static final int BUFFER = 64 * 1024;

  private final Socket client;
  private final Socket server = new Socket();
  private final Consumer<ProxyConnection> onEnd;
  private final Thread toServer;
  private final Thread toClient;
  private final AtomicInteger running = new AtomicInteger(1);
  private volatile boolean closed;
  private volatile boolean lossy;

  ProxyConnection(
      String name,
      Socket client,
      InetSocketAddress target,
      ProxyFaults up,
      ProxyFaults down,
      Consumer<ProxyConnection> onEnd) {
    this.client = client;
    this.onEnd = onEnd;
    toClient = thread(name + "-to-client", () -> pump(server, client, down));
    toServer = thread(name + "-to-server", () -> {
      if (connect(target, up)) {
        running.incrementAndGet();
        toClient.start();
        pump(client, server, up);
      } else {
        end();
      }
    });
  }

  void start() {
    toServer.start();
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether bytes were lost: such a stream must not go on. */
  boolean isLossy() {
    return lossy;
  }

  /** Ends both sides with a TCP reset. */
  void reset() {
    closed = true;
    reset(client);
    reset(server);
  }

  void join() {
    try {
      toServer.join(5000);
      toClient.join(5000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean connect(InetSocketAddress target, ProxyFaults up) {
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(
          new InetSocketAddress(target.getHostString(), target.getPort()), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      if (!up.swallows()) {
        reset();
        return false;
      }
      // Half open: the client must not notice that nobody is there.
      swallowAll();
      return false;
    }
  }

  private void swallowAll() {
    lossy = true;
    try {
      client.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The client or a reset ended it.
    }
    reset();
  }

  private void pump(Socket from, Socket to, ProxyFaults faults) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
        faults.hold(this);
        ProxyFaults.Share share = faults.take(bytes);
        lossy |= share.lost() > 0;
        out.write(buffer, share.lost(), share.passed());
        if (share.reset()) {
          reset();
        }
      }
      lossy |= faults.swallows();
      faults.holdEnd(this);
      to.shutdownOutput();
    } catch (IOException e) {
      reset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reset();
    } finally {
      end();
    }
  }

  private void end() {
    if (running.decrementAndGet() == 0) {
      closed = true;
      close(client);
      close(server);
      onEnd.accept(this);
    }
  }

  private static Thread thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already.
    }
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is left to close.
    }
  }
}
