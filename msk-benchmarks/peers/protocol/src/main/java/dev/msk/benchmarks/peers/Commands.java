package dev.msk.benchmarks.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The lines on standard input, each answered with {@code ok} or {@code error}. */
final class Commands {

  private Commands() {}

  /** Does what a line says. */
  @FunctionalInterface
  interface Obedience {
    String obey(String[] words) throws Exception;
  }

  /** Serves until standard input ends, then ends the process. */
  static void serve(Obedience peer) throws IOException {
    PrintStream answers = System.out;
    // Whatever a library prints must not look like an answer.
    System.setOut(System.err);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String answer;
      try {
        answer = "ok " + peer.obey(line.split(" "));
      } catch (Exception e) {
        e.printStackTrace();
        answer = "error " + e;
      }
      answers.println(answer.replace('\n', ' '));
      answers.flush();
    }
    System.exit(0);
  }
}
