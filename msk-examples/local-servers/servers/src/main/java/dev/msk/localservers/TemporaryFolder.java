package dev.msk.localservers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder of one server below {@code java.io.tmpdir}. */
record TemporaryFolder(Path path) {
  private static final long NEEDED = 300L << 20;
  private static final Set<PosixFilePermission> OPEN_TO_READ =
      PosixFilePermissions.fromString("rwxr-xr-x");

  static TemporaryFolder create(String name) {
    try {
      Path folder = Files.createTempDirectory("local-" + name + "-");
      long free = Files.getFileStore(folder).getUsableSpace();
      if (free < NEEDED) {
        Files.delete(folder);
        throw new LocalServerException(name + ": " + folder.getParent() + " has " + (free >> 20)
            + " MB free (expected: >= " + (NEEDED >> 20) + " MB)");
      }
      return new TemporaryFolder(folder.toRealPath());
    } catch (IOException e) {
      throw new LocalServerException(name + ": no temporary folder: " + e, e);
    }
  }

  /** The folder that starts of one user share; nobody else can write there. */
  static Path ofUser() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"), "local-servers-" + uid());
    try {
      createOpenToRead(folder);
      Set<PosixFilePermission> permissions =
          Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
      boolean ours = uid() == uidOf(folder) && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
      if (!ours
          || permissions.contains(PosixFilePermission.GROUP_WRITE)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new LocalServerException(
            folder + " belongs to somebody else or is open to them (expected: ours alone)");
      }
      return folder;
    } catch (IOException e) {
      throw new LocalServerException(folder + ": " + e, e);
    }
  }

  private static void createOpenToRead(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OPEN_TO_READ));
      // What the umask took away.
      openToRead(folder);
    } catch (FileAlreadyExistsException e) {
      // By an earlier start, or one at the same time.
    }
  }

  /** The user id of this process. */
  static int uid() {
    return Uid.OURS;
  }

  static void openToRead(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, OPEN_TO_READ);
  }

  private static int uidOf(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  void remove() {
    try {
      remove(path);
    } catch (IOException e) {
      throw new LocalServerException(path + ": not removed: " + e, e);
    }
  }

  static void remove(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          remove(entry);
        }
      } catch (NoSuchFileException e) {
        return;
      }
    }
    Files.deleteIfExists(path);
  }

  private static final class Uid {
    static final int OURS = read();

    private static int read() {
      try {
        Path file = Files.createTempFile("local-servers", null);
        try {
          return uidOf(file);
        } finally {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new LocalServerException("temporary folder: not writable: " + e, e);
      }
    }
  }
}
