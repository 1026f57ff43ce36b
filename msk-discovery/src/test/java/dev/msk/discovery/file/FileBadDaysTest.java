package dev.msk.discovery.file;

import static java.util.stream.Collectors.joining;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.baddays.BadDaysContract;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A file that is renamed into its place, and is not there while it is cut off. */
final class FileBadDaysTest extends BadDaysContract {

  @TempDir
  private Path folder;

  private Path file;
  private String content = "{}";

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("instances.json");
    restore();
  }

  @Override
  protected DiscoverySource source() {
    return open(FileSource.builder(file, workers.scheduler(), workers.executor())
        .interval(Duration.ofMillis(100))
        .build());
  }

  @Override
  protected void list(String service, List<Instance> instances) throws IOException {
    content = instances.stream()
        .map(FileBadDaysTest::json)
        .collect(joining(", ", "{\"" + service + "\": [", "]}"));
    restore();
  }

  private static String json(Instance instance) {
    return """
        {"host": "%s", "port": %d, "tls": %s, "state": "%s"}""".formatted(instance.host(), instance.port(), instance.tls(), instance.state());
  }

  @Override
  protected void cut() throws IOException {
    Files.delete(file);
  }

  @Override
  protected void restore() throws IOException {
    Path next = Files.writeString(folder.resolve("next.json"), content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  protected boolean isTold() {
    return false;
  }

  /** Nobody watches the file system, so that no wake-up can be lost; time stamps are not looked at either. */
  @Override
  protected void changeUntold(ThrowingRunnable change) throws Exception {
    FileTime before = Files.getLastModifiedTime(file);
    change.run();
    Files.setLastModifiedTime(file, before);
  }

  /** Whoever keeps the file enters instances. */
  @Override
  protected List<String> registration() {
    return List.of();
  }

  @Override
  protected void terminating(String service, Instance staying, Instance leaving)
      throws IOException {
    list(service, List.of(staying, leaving.withState(State.DRAINING)));
  }
}
