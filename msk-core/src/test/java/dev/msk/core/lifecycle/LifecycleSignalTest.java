package dev.msk.core.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes and real signals. */
@Timeout(120)
class LifecycleSignalTest {

  private static final int TERMINATED = 128 + 15;

  @Test
  void sigterm_drainsAndStops_withALineForEachStep() throws Exception {
    List<String> lines = new ArrayList<>();

    int exit = signal("running", "up", lines);

    assertThat(exit).isEqualTo(TERMINATED);
    assertThat(lines).contains("http drained", "database closed");
    assertThat(lines.indexOf("http drained")).isLessThan(lines.indexOf("database closed"));
    assertThat(String.join("\n", lines))
        .containsSubsequence(
            "orders: starting 2 parts",
            "orders: http started in ",
            "orders: running after ",
            "orders: the JVM goes down",
            "orders: draining, not ready from now on",
            "orders: drain of http done in ",
            "orders: drained in ",
            "orders: stopping [http, database] (STOP)",
            "orders: stop of database done in ",
            "orders: stopped in ");
  }

  @Test
  void sigterm_whileAStartHangs_endsIt() throws Exception {
    List<String> lines = new ArrayList<>();

    int exit = signal("hanging-start", "hangs", lines);

    assertThat(exit).isEqualTo(TERMINATED);
    assertThat(lines).contains("database closed");
    assertThat(String.join("\n", lines)).contains("(BREAK_OFF)").doesNotContain("goes on");
  }

  @Test
  void closedBefore_leavesNothingForTheSignal() throws Exception {
    List<String> lines = new ArrayList<>();

    int exit = signal("closed-before", "closed", lines);

    assertThat(exit).isIn(0, TERMINATED); // the signal may find it gone
    assertThat(lines).containsOnlyOnce("database closed");
    assertThat(String.join("\n", lines)).doesNotContain("the JVM goes down");
  }

  private static int signal(String argument, String line, List<String> lines)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            SignalledProcess.class.getName(),
            argument)
        .redirectErrorStream(true)
        .start();
    try (BufferedReader output = process.inputReader(UTF_8)) {
      for (String read = output.readLine(); read != null; read = output.readLine()) {
        lines.add(read);
        if (read.equals(line)) {
          process
              .toHandle()
              .destroy(); // SIGTERM; unlike Process.destroy() it leaves the pipes open
        }
      }
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }
}
