package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

  @Test
  void main_getsArgumentsAndEnvironment_onOurClassPath() throws IOException {
    int port = Ports.free();
    try (ChildProcess service = ChildProcess.builder("service")
        .main(Service.class.getName(), String.valueOf(port))
        .jvmArgs("-Xmx64m", "-Dsaid=property")
        .env("SAID", "variable")
        .readyWhenHttp(URI.create("http://127.0.0.1:" + port + "/"))
        .start()) {
      assertThat(service.isAlive()).isTrue();
      assertThat(Files.readString(service.logFile())).contains("property variable");
    }
  }

  @Test
  void restart_afterKill_isAnotherProcess_withTheSameLog() {
    int port = Ports.free();
    try (ChildProcess service = ChildProcess.builder("service")
        .main(Service.class.getName(), String.valueOf(port))
        .readyWhenLog(line -> line.startsWith("listening"))
        .start()) {
      long first = service.pid();
      assertThatThrownBy(service::exitCode).isInstanceOf(LocalServerException.class);

      service.kill();
      assertThat(service.isAlive()).isFalse();
      assertThat(service.exitCode()).isEqualTo(128 + 9);
      service.restart();

      assertThat(service.isAlive()).isTrue();
      assertThat(service.pid()).isNotEqualTo(first);
      assertThat(service.logFile()).content().containsSubsequence("listening", "listening");
      service.stop();
      assertThat(service.exitCode()).isEqualTo(128 + 15);
    }
  }

  @Test
  void classPath_thatWasSaid_isAllThereIs() {
    assertThatThrownBy(() -> ChildProcess.builder("lost")
            .main(Service.class.getName(), "1")
            .classPath(List.of(Path.of("nowhere")))
            .readyWhenLog(line -> line.startsWith("listening"))
            .start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("lost: ended with code 1 before it was ready: .*Service \\(log: .*\\)");
  }

  @Test
  void start_thatIsNotReadyInTime_isKilled(@TempDir Path folder) throws IOException {
    Path log = folder.resolve("slow.log");

    assertThatThrownBy(() -> ChildProcess.builder("slow")
            .command("sh", "-c", "echo $$; exec sleep 60")
            .log(log)
            .readyWhenLog("never"::equals)
            .startTimeout(Duration.ofMillis(300))
            .start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageStartingWith("slow: not ready after 300 ms: ")
        .hasMessageEndingWith("(log: " + log + ")");

    Await.gone(Long.parseLong(Files.readAllLines(log).get(0)));
  }

  @Test
  void command_thatDoesNotExist_saysSo() {
    assertThatThrownBy(
            () -> ChildProcess.builder("typo").command("no-such-program").run())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("typo: ended with code 127: .*no-such-program.* \\(log: .*\\)");
  }

  @Test
  void builder_withoutCommand_saysSo() {
    assertThatThrownBy(() -> ChildProcess.builder("empty").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessage("empty: command: none (expected: command or main)");
  }

  @Test
  void pause_stopsIt_andStopEndsItAllTheSame() throws IOException {
    try (ChildProcess sleeper =
        ChildProcess.builder("sleeper").command("sleep", "60").start()) {
      sleeper.pause();
      assertThat(state(sleeper)).isEqualTo('T');
      sleeper.resume();
      assertThat(state(sleeper)).isNotEqualTo('T');
      sleeper.pause();

      sleeper.stop();

      assertThat(sleeper.isAlive()).isFalse();
      assertThat(sleeper.exitCode()).isEqualTo(128 + 15);
    }
  }

  @Test
  void close_thenRestart_saysSo() {
    ChildProcess sleeper =
        ChildProcess.builder("sleeper").command("sleep", "60").start();

    sleeper.close();
    sleeper.close();

    Await.gone(sleeper.pid());
    assertThatThrownBy(sleeper::restart)
        .isInstanceOf(LocalServerException.class)
        .hasMessage("sleeper: is closed");
  }

  private static char state(ChildProcess process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }
}
