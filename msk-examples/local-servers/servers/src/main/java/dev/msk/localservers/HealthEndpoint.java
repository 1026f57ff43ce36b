package dev.msk.localservers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A health check over HTTP that says what it is told to say, and not always in time or in HTTP: a random port of 127.0.0.1, in this
 * process.
 *
 * <p>It answers requests for any path, one for each connection, at first with 200. What is said holds for requests to come and for those
 * that hang. It starts one thread, and one for each connection, all daemons that end with {@link #close()}. For one that is not there or
 * late there is {@link TcpProxy}. Thread-safe.
 */
public final class HealthEndpoint implements AutoCloseable {
  private static final String GARBAGE = "\u0016\u0003 no HTTP\r\n\r\n";

  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ServerSocket listener;
  private Reply reply = Reply.of(200);
  private long requests;
  private boolean closed;

  private HealthEndpoint(ServerSocket listener) {
    this.listener = listener;
    thread("health-" + port(), this::accept);
  }

  /**
   * Starts one.
   *
   * @return listening
   */
  public static HealthEndpoint start() {
    return Ports.retried(() -> new HealthEndpoint(bind(Ports.free())));
  }

  /**
   * What checks ask.
   *
   * @return {@code http://127.0.0.1:port/health}
   */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/health");
  }

  /**
   * Where it listens on 127.0.0.1.
   *
   * @return a random port
   */
  public int port() {
    return listener.getLocalPort();
  }

  /**
   * Answers at once.
   *
   * @param status of HTTP, for instance 503; 200 to 599
   */
  public void answer(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 200 to 599)");
    }
    say(Reply.of(status));
  }

  /** Takes requests and does not answer them, until something else is said. */
  public void hang() {
    say(new Reply(null, Duration.ZERO));
  }

  /**
   * Answers with 200, bit by bit: something comes all the time, and the end comes late.
   *
   * @param time from the first byte to the last
   */
  public void slow(Duration time) {
    say(new Reply(Reply.of(200).text, time));
  }

  /** Answers at once, with bytes that are not HTTP. */
  public void garbage() {
    say(new Reply(GARBAGE, Duration.ZERO));
  }

  /**
   * How many requests it got.
   *
   * @return those without an answer included
   */
  public synchronized long requests() {
    return requests;
  }

  /** Ends all connections and threads; idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      listener.close();
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new LocalServerException("health: port " + port() + ": " + e, e);
    }
  }

  private static ServerSocket bind(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    } catch (IOException e) {
      throw new PortTakenException("health: port " + port + ": " + e.getMessage());
    }
  }

  private synchronized void say(Reply next) {
    reply = next;
    notifyAll();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        connections.add(client);
        if (listener.isClosed()) {
          client.close();
        }
        thread("health-" + port() + "-connection", () -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      BufferedReader head = new BufferedReader(
          new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = head.readLine(); line != null; line = head.readLine()) {
        if (line.isEmpty()) {
          answer(client.getOutputStream());
          return;
        }
      }
    } catch (IOException e) {
      // The client did not wait, or this was closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(client);
    }
  }

  private void answer(OutputStream out) throws IOException, InterruptedException {
    Reply now = next();
    byte[] bytes = now.text.getBytes(StandardCharsets.ISO_8859_1);
    if (now.time.isZero()) {
      out.write(bytes);
      return;
    }
    long gap = now.time.toNanos() / (bytes.length - 1);
    for (int i = 0; i < bytes.length; i++) {
      if (i > 0) {
        await(gap);
      }
      out.write(bytes[i]);
    }
  }

  /** What to answer to a request that is here; waits for it. */
  private synchronized Reply next() throws IOException, InterruptedException {
    requests++;
    while (reply.text == null && !closed) {
      wait();
    }
    if (closed) {
      throw new IOException("closed");
    }
    return reply;
  }

  private synchronized void await(long nanos) throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
      if (closed) {
        throw new IOException("closed");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  private static void thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * What a request gets.
   *
   * @param text all of it; null for nothing
   * @param time from its first byte to its last
   */
  private record Reply(String text, Duration time) {
    static Reply of(int status) {
      String body = "{\"status\": \"" + (status / 100 == 2 ? "UP" : "DOWN") + "\"}";
      // RFC 9110, section 6.4.1: these have none, and no length of it.
      String content = status == 204 || status == 304
          ? "\r\n"
          : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
              + body;
      String head = "HTTP/1.1 " + status + " Said\r\nConnection: close\r\n";
      return new Reply(head + content, Duration.ZERO);
    }
  }
}
