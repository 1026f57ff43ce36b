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
  private int servers;

  @AfterEach
  void endStrangers() {
    if (victim == null) {
      return;
    }
    victim.close();
    numbers("stranger")
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  @Test
  void kill9_endsServers() {
    victim = victim("wait", "postgres", "kafka", "redis", "dns", "stubborn");

    victim.kill();

    assertThat(numbers("stranger"))
        .isNotEmpty()
        .allMatch(pid -> ProcessHandle.of(pid).isPresent());
    assertNothingLeft();
    assertThat(victim.exitCode()).isEqualTo(128 + 9);
  }

  @Test
  void kill9_endsConsul_pausedToo() {
    Skip.test(WatchdogTest.class, ConsulServer.missing());
    for (String end : List.of("wait", "pause")) {
      victim = victim(end, "consul");

      victim.kill();

      assertNothingLeft();
    }
  }

  /** Its port mapper is a process of its own. */
  @Test
  void kill9_endsRabbitMq_withItsPortMapper() {
    Skip.test(WatchdogTest.class, RabbitMqServer.missing());
    for (String end : List.of("wait", "pause")) {
      victim = victim(end, "rabbitmq");
      List<Long> all = ProcessHandle.of(victim.pid())
          .orElseThrow()
          .descendants()
          .map(ProcessHandle::pid)
          .toList();
      assertThat(all).hasSizeGreaterThan(3);

      victim.kill();

      assertNothingLeft();
      assertThat(all).allSatisfy(Await::gone);
    }
  }

  @Test
  void kill9_endsPrometheusAndAlertmanager_pausedToo() {
    Skip.test(WatchdogTest.class, PrometheusServer.missing());
    Skip.test(WatchdogTest.class, AlertmanagerServer.missing());
    for (String end : List.of("wait", "pause")) {
      victim = victim(end, "prometheus", "alertmanager");

      victim.kill();

      assertNothingLeft();
    }
  }

  @Test
  void kill9_endsElasticsearch_withItsNode() {
    Skip.test(WatchdogTest.class, ElasticsearchServer.missing());
    victim = victim("wait", "elasticsearch");
    List<Long> node = numbers("server").stream()
        .flatMap(launcher -> ProcessHandle.of(launcher).orElseThrow().descendants())
        .map(ProcessHandle::pid)
        .toList();
    assertThat(node).isNotEmpty();

    victim.kill();

    assertNothingLeft();
    assertThat(node).allSatisfy(Await::gone);
  }

  @Test
  void kill9_whileServersArePaused_endsThem() {
    victim = victim("pause", "postgres", "redis");

    victim.kill();

    assertNothingLeft();
  }

  @Test
  void exit_withoutClose_endsServers() {
    victim = victim("exit", "postgres", "kafka");

    Await.until("exit", () -> !victim.isAlive());

    assertNothingLeft();
    assertThat(victim.exitCode()).isEqualTo(3);
  }

  @Test
  void ctrlC_endsServers() throws Exception {
    victim = victim("wait", "postgres", "redis");

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

  /** Behind env: a build in the background ignores SIGINT, and so would its children. */
  private ChildProcess victim(String... args) {
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(ClassPath.java().toString());
    command.add("-Dlocal-servers.repository=" + ClassPath.repository());
    command.addAll(List.of("-cp", ClassPath.join(ClassPath.current()), Victim.class.getName()));
    command.addAll(List.of(args));
    servers = args.length - 1;
    return ChildProcess.builder("victim")
        .command(command.toArray(String[]::new))
        .readyWhenLog("ready"::equals)
        .start();
  }

  private void assertNothingLeft() {
    assertThat(numbers("server")).hasSize(servers).allSatisfy(Await::gone);
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
