package dev.msk.localservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What a server was unpacked to, once per user and version below the temporary folder, for all starts. */
final class SharedFolder {
  private static final String COUNT = "files";
  private static final Map<String, Object> LOCKS = new ConcurrentHashMap<>();

  private SharedFolder() {}

  /** Fills a new folder. */
  interface Filling {
    void into(Path folder) throws IOException;
  }

  /**
   * The folder of that name; filled if it is not there, or if something has gone from it.
   *
   * @param server for messages
   * @param name with all that makes the content another one
   */
  static Path of(String server, String name, Filling filling) {
    Path folder = TemporaryFolder.ofUser().resolve(name);
    try {
      synchronized (LOCKS.computeIfAbsent(name, key -> new Object())) {
        if (!isComplete(folder)) {
          fill(folder, filling);
        }
      }
      return folder;
    } catch (IOException | UncheckedIOException e) {
      throw new LocalServerException(server + ": " + folder + ": not unpacked: " + e, e);
    }
  }

  /** Another start may do so at the same time: each in a folder of its own, one wins. */
  private static void fill(Path folder, Filling filling) throws IOException {
    Path part = Files.createTempDirectory(folder.getParent(), "unpacking-");
    try {
      TemporaryFolder.openToRead(part);
      filling.into(part);
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
