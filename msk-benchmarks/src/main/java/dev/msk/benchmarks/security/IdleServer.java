package dev.msk.benchmarks.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;

/**
 * What the server's end of an idle connection takes of the heap, in a JVM whose collector knows it to the byte: many connections
 * are made, the clients are forgotten, and a collection is forced before and after the servers are too.
 */
public final class IdleServer {

  private static final int COLLECTIONS = 3;

  private IdleServer() {}

  /**
   * Prints the bytes of one connection.
   *
   * @param args {@code ours} or {@code floor}, and how many connections
   * @throws Exception if one cannot be made
   */
  public static void main(String[] args) throws Exception {
    System.out.println(bytesOfOne(args[0], Integer.parseInt(args[1])));
  }

  static double inOwnJvm(String contender, int connections) throws Exception {
    Process jvm = new ProcessBuilder(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            // Caches that a collection may empty do not count, whosever they are.
            "-XX:SoftRefLRUPolicyMSPerMB=0",
            "-Xmx512m",
            "-classpath",
            System.getProperty("java.class.path"),
            IdleServer.class.getName(),
            contender,
            String.valueOf(connections)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      if (line == null || jvm.waitFor() != 0) {
        throw new IOException(contender + ": ended with " + jvm.waitFor());
      }
      return Double.parseDouble(line);
    } finally {
      jvm.destroyForcibly();
    }
  }

  static double bytesOfOne(String contender, int connections) throws Exception {
    TlsEnds ends = contender.equals("ours") ? TlsEnds.ours() : TlsEnds.plain();
    SSLEngine[] servers = new SSLEngine[connections];
    try {
      connect(ends.withPlainClient(), servers);
      long held = heap();
      Arrays.fill(servers, null);
      return (held - heap()) / (double) connections;
    } finally {
      Reference.reachabilityFence(ends);
      Reference.reachabilityFence(servers);
    }
  }

  private static void connect(TlsEnds ends, SSLEngine[] servers) throws Exception {
    Wire wire = new Wire();
    for (int i = 0; i < servers.length; i++) {
      servers[i] = ends.serverEngine();
      wire.handshake(ends.clientEngine(i + 1), servers[i]);
    }
  }

  /** Collects until nothing more is found: what only a collection makes unreachable is found by the next. */
  private static long heap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long before = Long.MAX_VALUE;
    long used = collected(memory);
    while (used < before) {
      before = used;
      used = collected(memory);
    }
    return used;
  }

  private static long collected(MemoryMXBean memory) {
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
