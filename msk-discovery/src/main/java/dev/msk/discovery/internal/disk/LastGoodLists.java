package dev.msk.discovery.internal.disk;

import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.internal.SerialExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good list of each service, in a file of its own in one directory. Thread-safe.
 *
 * <p>A file is written beside the old one, forced to the disk, and put in its place: whoever reads finds the old list or the new
 * one. What cannot be written is logged, once until it can be written again; what cannot be read is logged and ignored.
 */
public final class LastGoodLists {

  /** The most bytes of a file. */
  static final int MAX_BYTES = 16 << 20;

  private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);

  private final Path directory;
  private final Executor writer;
  private final ConcurrentMap<String, Snapshot> waiting = new ConcurrentHashMap<>();
  private volatile boolean failing;

  /**
   * Creates the directory.
   *
   * @param directory for the files
   * @param writer runs the writing
   * @throws IllegalArgumentException if it cannot be made, or cannot be written to
   */
  public LastGoodLists(Path directory, Executor writer) {
    this.directory = directory;
    this.writer = new SerialExecutor(writer);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw unfit(directory, e);
    }
    if (!Files.isWritable(directory)) {
      throw unfit(directory, null);
    }
  }

  private static IllegalArgumentException unfit(Path directory, @Nullable IOException cause) {
    return new IllegalArgumentException(
        "lastGoodIn: " + directory + " (expected: a directory that can be written to)", cause);
  }

  /**
   * What was kept of a service.
   *
   * @param service its name
   * @return a snapshot with instances; empty if there is none, or none that can be read
   */
  public Optional<Snapshot> read(String service) {
    Path file = file(service);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("more than " + MAX_BYTES + " bytes");
      }
      return Optional.of(InstanceFile.decode(service, Files.readAllBytes(file)))
          .filter(snapshot -> !snapshot.instances().isEmpty());
    } catch (IOException e) {
      log.warn("{}: its last good list is ignored, {}: {}", service, file, e.toString());
      return Optional.empty();
    }
  }

  /**
   * Keeps a list, soon. Of several that come while it is busy, the last.
   *
   * @param snapshot what the registry confirmed
   */
  public void keep(Snapshot snapshot) {
    String service = snapshot.service();
    if (waiting.put(service, snapshot) == null) {
      try {
        writer.execute(() -> {
          Snapshot latest = waiting.remove(service);
          if (latest != null) {
            write(latest);
          }
        });
      } catch (RuntimeException e) {
        waiting.remove(service);
        complain(service, e);
      }
    }
  }

  private void write(Snapshot snapshot) {
    try {
      byte[] bytes = InstanceFile.encode(snapshot);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(
            snapshot.instances().size() + " instances are more than " + MAX_BYTES + " bytes");
      }
      Path fresh = directory.resolve(snapshot.service() + ".tmp");
      write(fresh, bytes);
      Files.move(fresh, file(snapshot.service()), StandardCopyOption.ATOMIC_MOVE);
      forceDirectory();
      failing = false;
    } catch (IOException e) {
      complain(snapshot.service(), e);
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** The name in the directory, too. Not every system can; without it a crash may leave the old list, which is as good. */
  private void forceDirectory() {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      log.debug("{} cannot be forced to the disk", directory, e);
    }
  }

  private void complain(String service, Exception cause) {
    if (!failing) {
      failing = true;
      log.warn("{}: its list cannot be kept in {}: {}", service, directory, cause.toString());
    }
  }

  private Path file(String service) {
    return directory.resolve(service + ".instances");
  }
}
