package dev.msk.localservers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Prometheus's own judge of rule files, without a server.
 *
 * <p>It comes with Prometheus: {@code promtool} is what the system property {@code msk.promtool} or the variable {@code MSK_PROMTOOL}
 * names, else what is on the PATH, else what {@code .ci/debian-package} unpacked; {@link #missing()} says whether it is there. A run
 * takes some tenths of a second; one that takes longer than 60 s is killed. Thread-safe.
 */
public final class Promtool {
  private static final int SECONDS = 60;

  private final Path program;

  private Promtool(Path program) {
    this.program = program;
  }

  /**
   * What a run came to.
   *
   * @param exitCode 0 if all is well
   * @param output what it printed, errors included
   */
  public record Result(int exitCode, String output) {

    /**
     * Whether all is well.
     *
     * @return true for the exit code 0
     */
    public boolean passed() {
      return exitCode == 0;
    }
  }

  /**
   * Why it cannot be run on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.promtool} is said, which is
   *     then what is run or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.PROMTOOL.search().missing();
  }

  /**
   * The one of this machine.
   *
   * @return to be run any number of times
   * @throws LocalServerException if there is none; the message says how to get it
   */
  public static Promtool ofThisMachine() {
    return new Promtool(DebianProgram.PROMTOOL.search().file());
  }

  /**
   * Checks rule files: {@code promtool check rules}.
   *
   * @param files of recording and alerting rules, YAML
   * @return passed if Prometheus would take them
   * @throws LocalServerException if it cannot be run, or takes too long
   */
  public Result checkRules(Path... files) {
    return run("check", files);
  }

  /**
   * Runs unit tests of rules: {@code promtool test rules}.
   *
   * @param files of tests, YAML, which name their rule files relative to their own folder
   * @return passed if each rule did what its tests expect; else the output has what was expected and what came
   * @throws LocalServerException if it cannot be run, or takes too long
   */
  public Result testRules(Path... files) {
    return run("test", files);
  }

  private Result run(String what, Path... files) {
    List<String> command = new ArrayList<>(List.of(program.toString(), what, "rules"));
    Stream.of(files).map(file -> file.toAbsolutePath().toString()).forEach(command::add);
    try {
      // A file, not a pipe: who does not end in time must not keep us from reading to the end.
      Path output = Files.createTempFile("local-promtool-", ".log");
      try {
        return new Result(
            exitCode(command, output), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new LocalServerException("promtool: " + e, e);
    }
  }

  private static int exitCode(List<String> command, Path output) throws IOException {
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    process.getOutputStream().close();
    try {
      if (process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServerException("interrupted while waiting for promtool", e);
    } finally {
      process.destroyForcibly();
    }
    throw new LocalServerException(
        "promtool: not done after " + SECONDS + " s: " + String.join(" ", command));
  }
}
