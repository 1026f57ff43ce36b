package dev.msk.localservers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a program is that no Maven artifact carries.
 *
 * @param wanted which
 * @param said the path that somebody named, who then gets that or an error; null if nobody did
 * @param path the folders of programs
 * @param home of this user, with the cache where {@code .ci/debian-package} unpacks
 */
record ProgramSearch(DebianProgram wanted, String said, String path, Path home) {

  static ProgramSearch onThisMachine(DebianProgram wanted) {
    String search = System.getenv("PATH");
    return new ProgramSearch(
        wanted,
        System.getProperty(wanted.property(), System.getenv(wanted.variable())),
        search == null ? "" : search,
        Path.of(System.getProperty("user.home")));
  }

  /** Why it cannot be started here, and what to do; empty if it can, or if somebody said that it can. */
  Optional<String> missing() {
    return said != null || found().isPresent()
        ? Optional.empty()
        : Optional.of(wanted.title() + ": neither "
            + (wanted.isOnPath() ? "on the PATH" : "in " + installed()) + " nor below "
            + home.resolve(wanted.cache()) + " (" + wanted.advice() + ")");
  }

  Path file() {
    if (said == null) {
      return found().orElseThrow(() -> new LocalServerException(missing().orElseThrow()));
    }
    Path file = Path.of(said).toAbsolutePath();
    if (!isProgram(file)) {
      throw new LocalServerException(wanted.title() + ": " + file
          + " is no program (expected: what " + wanted.property() + " or " + wanted.variable()
          + " names)");
    }
    return file;
  }

  private Optional<Path> found() {
    Stream<Path> installed = wanted.isOnPath()
        ? Stream.of(path.split(File.pathSeparator))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
        : Stream.of(installed());
    Path unpacked = home.resolve(wanted.cache()).resolve(wanted.folder());
    return Stream.concat(installed, Stream.of(unpacked))
        .flatMap(folder -> wanted.files().stream().map(folder::resolve))
        .filter(ProgramSearch::isProgram)
        .findFirst();
  }

  private Path installed() {
    return Path.of("/").resolve(wanted.folder());
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
