package dev.msk.discovery.file;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.SerialExecutor;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Instances from a JSON file that is kept by somebody else: a deployment tool, a Kubernetes ConfigMap, a human.
 *
 * <pre>{@code
 * {
 *   "orders": [
 *     { "host": "10.0.0.7", "port": 8080 },
 *     { "host": "10.0.0.8", "port": 8443, "id": "orders-2", "tls": true, "weight": 200, "zone": "eu-1",
 *       "version": "1.4.2", "state": "DRAINING", "metadata": { "schema": "7" } }
 *   ],
 *   "payments": []
 * }
 * }</pre>
 *
 * <p>What is missing has the defaults of {@link Instance#builder}; a service that is not in the file has no instances. The file is read each
 * 5 s. While it is not there, is longer than 16 MiB, or says anything that is not understood, unknown fields and wrong types included, the look has failed, and
 * the message says where. Whoever writes it should write another file and rename it.
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor, where it reads.
 */
public final class FileSource implements DiscoverySource, AutoCloseable {

  private final Builder settings;
  private final Executor serial;
  private final Map<Sink, String> sinks = new ConcurrentHashMap<>();

  private boolean started;
  private @Nullable Map<String, List<Instance>> seen;
  private @Nullable IOException failure;
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task next;

  private FileSource(Builder settings) {
    this.settings = settings;
    this.serial = new SerialExecutor(settings.executor);
  }

  /**
   * A source that reads its file each 5 s, up to 16 MiB.
   *
   * @param file as described above; it need not be there yet
   * @param scheduler times the looks
   * @param executor reads
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when jackson-databind is not there
   */
  public static Builder builder(Path file, Scheduler scheduler, Executor executor) {
    OptionalDependency.of(
            FileSource.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
        .require("File source");
    return new Builder(file, scheduler, executor);
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    sinks.put(sink, service);
    serial.execute(() -> begin(service, sink));
    return () -> sinks.remove(sink);
  }

  private void begin(String service, Sink sink) {
    if (started) {
      report(service, sink);
    } else {
      started = true;
      look();
    }
  }

  private void look() {
    if (closed) {
      return;
    }
    try {
      seen = InstancesJson.read(content());
      failure = null;
    } catch (IOException e) {
      failure = new IOException(settings.file + ": " + reason(e), e);
    }
    sinks.forEach((sink, service) -> report(service, sink));
    next = settings.scheduler.schedule(settings.interval, () -> serial.execute(this::look));
    if (closed) {
      close();
    }
  }

  /** What the file system throws says in its message which file, and by its type what was wrong. */
  private static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "is not there";
    }
    return failure instanceof FileSystemException
        ? failure.toString()
        : String.valueOf(failure.getMessage());
  }

  private byte[] content() throws IOException {
    try (InputStream in = Files.newInputStream(settings.file)) {
      byte[] content = in.readNBytes(settings.maxBytes + 1);
      if (content.length > settings.maxBytes) {
        throw new IOException("more than " + settings.maxBytes + " bytes (expected: at most that)");
      }
      return content;
    }
  }

  private void report(String service, Sink sink) {
    if (failure != null) {
      sink.failed(failure);
    } else if (seen != null) {
      sink.instances(seen.getOrDefault(service, List.of()));
    }
  }

  /** Ends the reports. Idempotent, waits for nothing. */
  @Override
  public void close() {
    closed = true;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }

  /** Builds a {@link FileSource}. Confined to one thread. */
  public static final class Builder {

    final Path file;
    final Scheduler scheduler;
    final Executor executor;
    Duration interval = Duration.ofSeconds(5);
    int maxBytes = 16 << 20;

    private Builder(Path file, Scheduler scheduler, Executor executor) {
      this.file = requireNonNull(file, "file");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets the time between two looks.
     *
     * @param value more than zero; default 5 s
     * @return this
     */
    public Builder interval(Duration value) {
      this.interval = requireNonNull(value, "interval");
      return this;
    }

    /**
     * Bounds the file.
     *
     * @param value at least 1 KiB; default 16 MiB
     * @return this
     */
    public Builder maxBytes(int value) {
      this.maxBytes = value;
      return this;
    }

    /**
     * Builds it. Nothing is read yet.
     *
     * @return a source
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public FileSource build() {
      new Faults()
          .positive("interval", interval)
          .check(maxBytes >= 1024, "maxBytes", maxBytes, ">= 1024")
          .report();
      return new FileSource(this);
    }
  }
}
