package dev.msk.benchmarks.peers;

import dev.msk.benchmarks.peers.Peer.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Has a peer do what the lines on standard input say, answers each with {@code ok} or {@code error}, and ends with it. */
public final class PeerMain {

  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private PeerMain() {}

  /**
   * Serves until standard input ends, then ends the process.
   *
   * @param peer to be commanded
   * @throws IOException when the pipe breaks
   */
  public static void serve(Peer peer) throws IOException {
    Commands.serve(words -> obey(peer, words));
  }

  private static String obey(Peer peer, String[] words) throws Exception {
    switch (words[0]) {
      case "name" -> {
        return peer.name();
      }
      case "backlog" -> peer.backlog(target(words), Integer.parseInt(words[4]));
      case "open" -> peer.open(target(words));
      case "start" -> peer.start();
      case "stop" -> peer.stop();
      case "publish" ->
        publish(
            peer,
            Integer.parseInt(words[1]),
            Integer.parseInt(words[2]),
            Integer.parseInt(words[3]),
            Path.of(words[4]));
      default -> throw new IllegalArgumentException("unknown: " + words[0]);
    }
    return "";
  }

  private static Target target(String[] words) {
    return new Target(words[1], words[2], words[3]);
  }

  /** At a rate that waits for nobody; writes down, in microseconds, when each event was about to be committed. */
  private static void publish(Peer peer, int events, int rate, int perTransaction, Path file)
      throws Exception {
    long[] micros = new long[events];
    long start = System.nanoTime();
    for (int i = 0; i < events; i += perTransaction) {
      long due = start + i * 1_000_000_000L / rate;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      if (System.nanoTime() - due > PATIENCE_NANOS) {
        throw new IllegalStateException("published " + i + " of " + events
            + " and is 30 s behind (expected: " + rate + "/s)");
      }
      int first = i;
      peer.publish(
          first,
          perTransaction,
          () -> Arrays.fill(
              micros,
              first,
              first + perTransaction,
              ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
    }
    Files.writeString(
        file, Arrays.stream(micros).mapToObj(Long::toString).collect(Collectors.joining("\n")));
  }
}
