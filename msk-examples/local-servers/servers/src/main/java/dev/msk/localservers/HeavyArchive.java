package dev.msk.localservers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An artifact that is too big to be fetched unasked: a server in one file, which lies in the local repository or does not.
 *
 * @param server what it is called in messages, and in the name of its launcher
 * @param megabytes what it takes to fetch it
 */
record HeavyArchive(String server, int megabytes) {

  /** Why it cannot be used here, and what to do; empty if it can. */
  Optional<String> missing() {
    Path file = place();
    return Files.isReadable(file)
        ? Optional.empty()
        : Optional.of(server + ": " + file + " is missing (" + megabytes
            + " MB; get it by ./mvnw -Pheavy verify, "
            + "or by mvn dependency:get -Dtransitive=false -Dartifact=" + coordinates(file) + ")");
  }

  /** Where it is. */
  Path file() {
    missing().ifPresent(why -> {
      throw new LocalServerException(why);
    });
    return place();
  }

  /** Its version, as Maven has it. */
  String version() {
    return place().getParent().getFileName().toString();
  }

  /** Unpacks it into a folder, without the one that is its only root. */
  void unpack(Path folder) throws IOException {
    unpack(folder, 1, name -> true);
  }

  /**
   * Unpacks what is wanted of it into a folder.
   *
   * @param roots how many folders, from the outermost, do not come along
   * @param wanted asked with the name of each file in the archive
   */
  void unpack(Path folder, int roots, Predicate<Path> wanted) throws IOException {
    Path archive = file();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        Path name = Path.of(entry.getName());
        if (entry.isDirectory() || name.getNameCount() <= roots || !wanted.test(name)) {
          continue;
        }
        Path file = folder.resolve(name.subpath(roots, name.getNameCount())).normalize();
        if (!file.startsWith(folder)) {
          throw new IOException(archive + ": " + entry.getName() + " (expected: below its root)");
        }
        Files.createDirectories(file.getParent());
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, file);
        }
      }
    }
  }

  private Path place() {
    return ClassPath.archiveOf("local-servers-" + server);
  }

  /** As Maven takes them, from {@code group/of/it/artifact/version/artifact-version-classifier.type}. */
  private static String coordinates(Path file) {
    Path version = file.getParent();
    Path artifact = version.getParent();
    String group = ClassPath.repository().relativize(artifact.getParent()).toString();
    String name = artifact.getFileName() + "-" + version.getFileName();
    String rest = file.getFileName().toString().substring(name.length());
    int dot = rest.lastIndexOf('.');
    String classifier = rest.substring(0, dot).replace('-', ':');
    return group.replace('/', '.') + ":" + artifact.getFileName() + ":" + version.getFileName()
        + ":" + rest.substring(dot + 1) + classifier;
  }
}
