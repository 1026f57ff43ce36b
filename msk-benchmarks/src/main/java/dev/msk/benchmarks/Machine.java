package dev.msk.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Where and when a run takes place. */
record Machine(String when, String commit, String hardware, String jdk) {

  static Machine current() {
    return new Machine(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        gitCommit(),
        describeHardware(),
        describeJdk());
  }

  private static String gitCommit() {
    String head = git("rev-parse", "--short=12", "HEAD");
    if (head.isEmpty()) {
      return "unknown";
    }
    boolean changed = !git("status", "--porcelain", "--untracked-files=no", "--", ":!*/results/*")
        .isEmpty();
    return changed ? head + "+changes" : head;
  }

  private static String describeHardware() {
    long memory = ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize() >> 30
        : 0;
    return cpu() + ", " + Runtime.getRuntime().availableProcessors() + " processors, " + memory
        + " GiB, " + System.getProperty("os.name") + " " + System.getProperty("os.version");
  }

  private static String cpu() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static String describeJdk() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }

  private static String git(String... words) {
    try {
      Process git = new ProcessBuilder(
              Stream.concat(Stream.of("git"), Stream.of(words)).toList())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      String out = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? out : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
