package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network that breaks on command: listens on a random port of 127.0.0.1 and forwards to a server.
 *
 * <p>Without faults it forwards everything. Faults hit all connections, those that come later
 * included, until {@link #restore()}. It starts one thread, and two for each connection, all daemons
 * that end with {@link #close()}. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

  /** Where bytes go. */
  public enum Direction {
    /** From the client to the server. */
    TO_SERVER,
    /** From the server to the client. */
    TO_CLIENT
  }

  private final InetSocketAddress target;
  private final int port;
  private final Map<Direction, ProxyFaults> faults = Map.of(
      Direction.TO_SERVER, new ProxyFaults(),
      Direction.TO_CLIENT, new ProxyFaults());
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private ServerSocket listener;
  private Thread acceptor;
  private boolean closed;

  private TcpProxy(InetSocketAddress target, ServerSocket listener) {
    this.target = target;
    this.port = listener.getLocalPort();
    listen(listener);
  }

  /**
   * Starts one.
   *
   * @param host of the server, which need not run yet
   * @param port of the server
   * @return listening
   */
  public static TcpProxy to(String host, int port) {
    InetSocketAddress target =
        InetSocketAddress.createUnresolved(requireNonNull(host, "host"), port);
    return Ports.retried(() -> new TcpProxy(target, bind(Ports.free())));
  }

  /**
   * Where it listens.
   *
   * @return {@code 127.0.0.1}
   */
  public String host() {
    return "127.0.0.1";
  }

  /**
   * Where it listens.
   *
   * @return a port that stays the same over {@link #cut()} and {@link #restore()}
   */
  public int port() {
    return port;
  }

  /**
   * Where it listens.
   *
   * @return {@code 127.0.0.1:port}
   */
  public String address() {
    return host() + ":" + port;
  }

  /**
   * How many connections there are.
   *
   * @return those through it now
   */
  public int connections() {
    return connections.size();
  }

  /** Resets all connections and refuses new ones. */
  public synchronized void cut() {
    unlisten();
    connections.forEach(ProxyConnection::reset);
    wake();
  }

  /**
   * Ends all faults. Held bytes flow on; connections that lost bytes are reset, because what follows
   * would make no sense.
   */
  public synchronized void restore() {
    if (closed) {
      throw new LocalServerException("proxy to " + target + ": is closed");
    }
    faults.values().forEach(ProxyFaults::clear);
    connections.stream().filter(ProxyConnection::isLossy).forEach(ProxyConnection::reset);
    if (listener == null) {
      listen(bind(port));
    }
  }

  /**
   * Holds all that is read at once, up to 64 KiB, back for so long.
   *
   * @param direction which bytes
   * @param time not negative
   */
  public void delay(Direction direction, Duration time) {
    faults.get(direction).delay(time);
  }

  /**
   * Forwards nothing and loses nothing: the sender's buffers fill up.
   *
   * @param direction which bytes
   */
  public void stall(Direction direction) {
    faults.get(direction).stall();
  }

  /**
   * Accepts connections and bytes and answers nothing, as a peer that vanished without a word; the
   * server need not be there.
   */
  public void halfOpen() {
    faults.values().forEach(ProxyFaults::swallow);
  }

  /**
   * Loses the next bytes, of whichever connection.
   *
   * @param direction which bytes
   * @param count how many
   */
  public void dropBytes(Direction direction, long count) {
    faults.get(direction).drop(count);
  }

  /**
   * Forwards so many bytes more, of all connections together, then resets the one that carried the
   * last of them; once.
   *
   * @param direction which bytes
   * @param count how many
   */
  public void cutAfter(Direction direction, long count) {
    faults.get(direction).cutAfter(count);
  }

  /** Resets all connections and ends all threads; idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    cut();
    connections.forEach(ProxyConnection::join);
  }

  private static ServerSocket bind(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    } catch (IOException e) {
      throw new PortTakenException("proxy: port " + port + ": " + e.getMessage());
    }
  }

  private void listen(ServerSocket socket) {
    listener = socket;
    acceptor = new Thread(() -> accept(socket), "tcp-proxy-" + port);
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private void unlisten() {
    if (listener == null) {
      return;
    }
    try {
      listener.close();
      acceptor.join(5000);
    } catch (IOException e) {
      throw new LocalServerException("proxy: port " + port + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener = null;
  }

  private void accept(ServerSocket socket) {
    while (true) {
      try {
        Socket client = socket.accept();
        ProxyConnection connection = new ProxyConnection(
            "tcp-proxy-" + port,
            client,
            target,
            faults.get(Direction.TO_SERVER),
            faults.get(Direction.TO_CLIENT),
            connections::remove);
        connections.add(connection);
        connection.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void wake() {
    faults.values().forEach(ProxyFaults::wake);
  }
}
