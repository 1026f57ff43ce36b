package dev.msk.localservers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a process prints. The mark separates this start from those before. */
final class Log {
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** But for the last word of MariaDB, which says nothing. */
  private static final Pattern FAULT =
      Pattern.compile("FATAL|ERROR(?!] Aborting)|Exception|Caused by|error:");

  private static final Pattern TAKEN =
      Pattern.compile("[Aa]ddress already in use|AddressInUse|Port \\d+ was already in use");

  private final Path file;
  private volatile long mark;

  Log(Path file) {
    this.file = file;
  }

  static Log create(String name) {
    Path folder = folder();
    Path file = folder.resolve(
        name + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + ".log");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(file);
      Files.createFile(file);
    } catch (IOException e) {
      throw new LocalServerException(name + ": no log file: " + e, e);
    }
    return new Log(file);
  }

  private static Path folder() {
    String said = System.getProperty("local-servers.logs");
    if (said != null) {
      return Path.of(said).toAbsolutePath();
    }
    Path target = Path.of("target").toAbsolutePath();
    return Files.isDirectory(target) && Files.isWritable(target)
        ? target.resolve("local-servers")
        : TemporaryFolder.ofUser().resolve("logs");
  }

  Path file() {
    return file;
  }

  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void mark() {
    mark = file.toFile().length();
  }

  boolean hasLine(Predicate<String> test) {
    return sinceMark().lines().anyMatch(test);
  }

  /** The failure, with the line of this start that says most and the name of the file. */
  LocalServerException failure(String what) {
    String text = sinceMark();
    if (TAKEN.matcher(text).find()) {
      return new PortTakenException(what + ": its port is taken" + where());
    }
    if (text.contains("No space left on device")) {
      return new LocalServerException(what + ": no space left on " + temporary() + where());
    }
    String last = last(text, line -> FAULT.matcher(line).find());
    if (last.isEmpty()) {
      last = last(text, line -> !line.isBlank());
    }
    return new LocalServerException(what + (last.isEmpty() ? "" : ": " + last) + where());
  }

  private static String last(String text, Predicate<String> test) {
    return text.lines().filter(test).reduce("", (a, b) -> b).strip();
  }

  private String where() {
    return " (log: " + file + ")";
  }

  private static String temporary() {
    return System.getProperty("java.io.tmpdir");
  }

  private String sinceMark() {
    if (Files.notExists(file)) {
      return "";
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.max(0, Math.min(in.length() - mark, 1 << 20))];
      in.seek(mark);
      in.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
