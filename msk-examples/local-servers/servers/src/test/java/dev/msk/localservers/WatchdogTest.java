package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever ends a process, what it started ends, and nothing stays in the temporary folder. */
class WatchdogTest {
  private ChildProcess victim;

  @AfterEach
  void endStrangers() {
    victim.close();
    numbers("stranger")
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  @Test
  void kill9_endsServers() {
    victim = victim("wait");

    victim.kill();

    assertThat(numbers("stranger"))
        .isNotEmpty()
        .allMatch(pid -> ProcessHandle.of(pid).isPresent());
    assertNothingLeft();
    assertThat(victim.exitCode()).isEqualTo(128 + 9);
  }

  @Test
  void kill9_whileServersArePaused_endsThem() {
    victim = victim("pause");

    victim.kill();

    assertNothingLeft();
  }

  @Test
  void exit_withoutClose_endsServers() {
    victim = victim("exit");

    Await.until("exit", () -> !victim.isAlive());

    assertNothingLeft();
    assertThat(victim.exitCode()).isEqualTo(3);
  }

  @Test
  void ctrlC_endsServers() throws Exception {
    String classPath = ClassPath.join(ClassPath.current());
    // A build in the background ignores SIGINT, and so would its children.
    victim = ChildProcess.builder("victim")
        .command(
            "env",
            "--default-signal=INT",
            ClassPath.java().toString(),
            "-cp",
            classPath,
            Victim.class.getName(),
            "wait")
        .readyWhenLog("ready"::equals)
        .start();

    // The terminal sends it to everybody in the foreground.
    List<String> kill = new ArrayList<>(List.of("kill", "-INT", String.valueOf(victim.pid())));
    ProcessHandle.of(victim.pid())
        .orElseThrow()
        .descendants()
        .forEach(child -> kill.add(String.valueOf(child.pid())));
    new ProcessBuilder(kill).start().waitFor();

    Await.until("end", () -> !victim.isAlive());
    assertNothingLeft();
    assertThat(victim.exitCode()).isEqualTo(128 + 2);
  }

  private static ChildProcess victim(String end) {
    return ChildProcess.builder("victim")
        .main(Victim.class.getName(), end)
        .readyWhenLog("ready"::equals)
        .start();
  }

  private void assertNothingLeft() {
    assertThat(numbers("server")).hasSize(4).allSatisfy(Await::gone);
    for (String folder : words("folder")) {
      Await.until("removal of " + folder, () -> Files.notExists(Path.of(folder)));
    }
  }

  private List<Long> numbers(String word) {
    return words(word).stream().map(Long::valueOf).toList();
  }

  private List<String> words(String word) {
    try {
      return Files.readAllLines(victim.logFile()).stream()
          .filter(line -> line.startsWith(word + " "))
          .map(line -> line.substring(word.length() + 1))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
