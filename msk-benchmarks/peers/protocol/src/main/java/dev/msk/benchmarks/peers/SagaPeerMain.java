package dev.msk.benchmarks.peers;

import java.io.IOException;

/** Has a peer do what the lines on standard input say, answers each with {@code ok} or {@code error}, and ends with it. */
public final class SagaPeerMain {

  private SagaPeerMain() {}

  /**
   * Serves until standard input ends, then ends the process.
   *
   * @param peer to be commanded
   * @throws IOException when the pipe breaks
   */
  public static void serve(SagaPeer peer) throws IOException {
    Commands.serve(words -> obey(peer, words));
  }

  private static String obey(SagaPeer peer, String[] words) throws Exception {
    switch (words[0]) {
      case "name" -> {
        return peer.name();
      }
      case "run" -> {
        return Long.toString(peer.run(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
      }
      case "open" -> peer.open(words[1]);
      case "close" -> peer.close();
      default -> throw new IllegalArgumentException("unknown: " + words[0]);
    }
    return "";
  }
}
