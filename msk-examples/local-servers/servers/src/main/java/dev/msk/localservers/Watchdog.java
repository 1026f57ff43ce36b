package dev.msk.localservers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One run of a command under {@code watchdog.sh}, which ends it when the pipe from this process
 * closes. Guarded by its own lock.
 */
final class Watchdog {
  private static final String SCRIPT = script();

  private final Process shell;
  private final OutputStream words;
  private final BufferedReader answers;
  private final Path exit;
  private final long pid;

  /**
   * Starts the command.
   *
   * @param folder working folder, removed when this process dies without {@link #stop()}
   * @param stopSignal what ends it in order, for instance {@code TERM}
   */
  Watchdog(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      Path folder,
      String stopSignal) {
    List<String> line = new ArrayList<>(List.of("sh", "-c", SCRIPT, "watchdog"));
    line.addAll(List.of(log.toString(), stopSignal, folder.toString()));
    line.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    exit = folder.resolve("exit");
    try {
      Files.deleteIfExists(exit);
      shell = builder.start();
      words = shell.getOutputStream();
      answers =
          new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
      String number = answers.readLine();
      if (number == null) {
        throw new LocalServerException(name + ": did not start (log: " + log + ")");
      }
      pid = Long.parseLong(number);
    } catch (IOException e) {
      throw new LocalServerException(name + ": did not start: " + e.getMessage(), e);
    }
  }

  long pid() {
    return pid;
  }

  boolean isAlive() {
    return shell.isAlive() && Files.notExists(exit);
  }

  /** The exit code of the program, 128 + n after signal n; -1 if the watchdog was killed. */
  int exitCode() {
    try {
      for (int i = 0; i < 100; i++) {
        String code = Files.readString(exit).strip();
        if (!code.isEmpty()) {
          return Integer.parseInt(code);
        }
        Pause.briefly();
      }
      return -1;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal to processes; returns when it is sent. */
  synchronized void signal(String signal, Collection<Long> pids) {
    String numbers = pids.stream().map(String::valueOf).collect(Collectors.joining(" "));
    try {
      words.write((signal + " " + numbers + "\n").getBytes(StandardCharsets.UTF_8));
      words.flush();
      answers.readLine();
    } catch (IOException e) {
      throw new LocalServerException("process " + pid + ": signal " + signal + " not sent", e);
    }
  }

  /** Ends the program in order, or with SIGKILL after 10 s; it may have ended before. */
  synchronized void stop() {
    try {
      words.write("keep\n".getBytes(StandardCharsets.UTF_8));
      words.flush();
    } catch (IOException e) {
      // Both shells are gone, and the program with them.
    }
    try {
      words.close();
    } catch (IOException e) {
      // The same.
    }
    boolean interrupted = Thread.interrupted();
    while (shell.isAlive()) {
      try {
        shell.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String script() {
    try (InputStream in = Watchdog.class.getResourceAsStream("watchdog.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
