package dev.msk.benchmarks.security;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Handshakes with certificates of both ends and requests on a connection, the work of both ends on one thread and no network: contexts
 * of {@code LiveTls} over {@code TlsIdentity}, whose engines have guards, and the JDK's own. Run by {@code ./mvnw -Pbench -Dbench=security
 * -Drows=tls}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TlsBenchmark {

  private static final int PORT = 1;
  private static final int PORTS = 50_000;
  private static final String MARK = "mark";
  private static final byte[] QUESTION = new byte[256];
  private static final byte[] ANSWER = new byte[1024];

  /** Whose contexts. */
  @Param({"ours", "floor"})
  public String contender = "";

  private final Wire wire = new Wire();
  private @Nullable TlsEnds ends;
  private @Nullable SSLEngine client;
  private @Nullable SSLEngine server;
  private int port = PORT;

  /**
   * Makes a connection, whose session is the one that is resumed.
   *
   * @throws Exception if there is none
   */
  @Setup
  public void connect() throws Exception {
    TlsEnds made = contender.equals("ours") ? TlsEnds.ours() : TlsEnds.plain();
    ends = made;
    SSLEngine left = made.clientEngine(PORT);
    SSLEngine right = made.serverEngine();
    wire.handshake(left, right);
    left.getSession().putValue(MARK, MARK);
    if (!right.getSession().getProtocol().equals("TLSv1.3")) {
      throw new IllegalStateException(right.getSession().getProtocol());
    }
    client = left;
    server = right;
  }

  /**
   * A handshake with a server that the client does not know.
   *
   * @return the client's end
   * @throws SSLException if it fails
   */
  @Benchmark
  public SSLEngine full() throws SSLException {
    port = PORT + 1 + port % PORTS;
    return handshake(port, false);
  }

  /**
   * A handshake with a server that the client was connected with.
   *
   * @return the client's end
   * @throws SSLException if it fails
   */
  @Benchmark
  public SSLEngine resumed() throws SSLException {
    return handshake(PORT, true);
  }

  /**
   * 256 bytes there, 1 KiB back.
   *
   * @return bytes that came
   * @throws SSLException if they do not
   */
  @Benchmark
  public int request() throws SSLException {
    SSLEngine left = requireNonNull(client);
    SSLEngine right = requireNonNull(server);
    return wire.carry(left, right, QUESTION) + wire.carry(right, left, ANSWER);
  }

  private SSLEngine handshake(int to, boolean resumed) throws SSLException {
    TlsEnds made = requireNonNull(ends);
    SSLEngine left = made.clientEngine(to);
    wire.handshake(left, made.serverEngine());
    if ((left.getSession().getValue(MARK) != null) != resumed) {
      throw new SSLException("session: " + (resumed ? "not " : "") + "resumed");
    }
    return left;
  }
}
