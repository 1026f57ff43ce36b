package dev.msk.security.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Jazzer in a JVM of its own, whose agent the tests' JVM does not get. What it has found is in the folder: {@code crash-…}, the input, and
 * {@code log}.
 */
final class Jazzer {

  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in");

  private Jazzer() {}

  /**
   * Runs until something is found.
   *
   * @param bound {@code -runs=…} or {@code -max_total_time=…} seconds
   */
  static Result run(Class<?> target, List<byte[]> seeds, Path folder, String bound)
      throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(corpus.resolve("seed-" + i), seeds.get(i));
    }
    Path log = folder.resolve("log");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.getName(),
            "--instrumentation_includes=dev.msk.security.**",
            "--custom_hook_includes=dev.msk.security.**",
            "--reproducer_path=" + folder,
            "-artifact_prefix=" + folder + "/",
            bound,
            "-max_len=9000",
            "-timeout=30",
            corpus.toString())
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    try {
      return new Result(process.waitFor(), text(log), folder);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  record Result(int status, String log, Path folder) {

    long runs() {
      Matcher done = DONE.matcher(log);
      return done.find() ? Long.parseLong(done.group(1)) : 0;
    }

    List<Path> crashes() throws IOException {
      try (var files = Files.list(folder)) {
        return files
            .filter(file -> file.getFileName().toString().startsWith("crash-"))
            .toList();
      }
    }
  }
}
