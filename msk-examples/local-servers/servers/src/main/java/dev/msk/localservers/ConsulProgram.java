package dev.msk.localservers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where Consul is on this machine: no Maven artifact carries it.
 *
 * @param said the path that somebody named, who then gets that or an error; null if nobody did
 * @param path the folders of programs
 * @param home of this user, with the cache where {@code .ci/debian-package} unpacks
 */
record ConsulProgram(String said, String path, Path home) {
  private static final String PROPERTY = "msk.consul";
  private static final String VARIABLE = "MSK_CONSUL";
  private static final Path CACHE = Path.of(".cache", "msk", "local-servers", "consul");

  static ConsulProgram ofThisMachine() {
    String search = System.getenv("PATH");
    return new ConsulProgram(
        System.getProperty(PROPERTY, System.getenv(VARIABLE)),
        search == null ? "" : search,
        Path.of(System.getProperty("user.home")));
  }

  /** Why it cannot be started here, and what to do; empty if it can, or if somebody said that it can. */
  Optional<String> missing() {
    return said != null || found().isPresent()
        ? Optional.empty()
        : Optional.of("consul: neither on the PATH nor below " + home.resolve(CACHE)
            + " (15 MB; get it by .ci/debian-package bullseye consul ~/" + CACHE
            + ", which installs nothing, or name another by -D" + PROPERTY + "=<path>)");
  }

  Path file() {
    if (said == null) {
      return found().orElseThrow(() -> new LocalServerException(missing().orElseThrow()));
    }
    Path file = Path.of(said).toAbsolutePath();
    if (!isProgram(file)) {
      throw new LocalServerException("consul: " + file + " is no program (expected: what "
          + PROPERTY + " or " + VARIABLE + " names)");
    }
    return file;
  }

  private Optional<Path> found() {
    Stream<Path> installed = Stream.of(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "consul"));
    Path unpacked = home.resolve(CACHE).resolve("usr").resolve("bin").resolve("consul");
    return Stream.concat(installed, Stream.of(unpacked))
        .filter(ConsulProgram::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
