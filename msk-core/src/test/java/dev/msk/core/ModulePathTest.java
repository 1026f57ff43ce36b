package dev.msk.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A module that knows nothing but our exports compiles and runs, with SLF4J as the only other jar. */
class ModulePathTest {

  private static final String CONSUMER = """
      package consumer;

      import dev.msk.core.CallContext;
      import dev.msk.core.MissingDependencyException;
      import dev.msk.core.jdbc.CoreSchema;
      import dev.msk.core.jdbc.Dialect;
      import dev.msk.core.spi.OptionalDependency;
      import dev.msk.core.telemetry.Telemetry;
      import dev.msk.core.testing.ManualTime;

      public final class Main {
        public static void main(String[] args) {
          System.out.println(CallContext.class.getModule().isNamed());
          System.out.println(CoreSchema.scripts().read(Dialect.POSTGRESQL).get(0).description());
          System.out.println(Telemetry.noop().current());
          System.out.println(ManualTime.create().instant());
          try {
            OptionalDependency.of(CallContext.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
                .require("The consumer");
          } catch (MissingDependencyException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir
  Path folder;

  private Path classes;

  @BeforeEach
  void write() throws IOException {
    classes = folder.resolve("classes");
    Path sources = Files.createDirectories(folder.resolve("consumer"));
    Files.writeString(
        sources.resolve("module-info.java"), "module consumer { requires dev.msk.core; }");
    Files.createDirectories(sources.resolve("consumer"));
    Files.writeString(sources.resolve("consumer/Main.java"), CONSUMER);
  }

  @Test
  void consumer_compilesAndRunsAgainstExportsAlone() throws Exception {
    String modules =
        codeOf(CallContext.class) + System.getProperty("path.separator") + codeOf(Logger.class);

    String compiled = run(
        "javac",
        "-d",
        classes.toString(),
        "-p",
        modules,
        folder.resolve("consumer/module-info.java").toString(),
        folder.resolve("consumer/consumer/Main.java").toString());
    assertThat(classes.resolve("consumer/Main.class")).as(compiled).exists();
    String output = run(
        "java",
        "-p",
        modules + System.getProperty("path.separator") + classes,
        "-m",
        "consumer/consumer.Main");

    assertThat(output.lines().filter(line -> !line.startsWith("SLF4J")))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("true"),
            line -> assertThat(line).isEqualTo("lease"),
            line -> assertThat(line).isEqualTo("TelemetryContext[root]"),
            line -> assertThat(line).isEqualTo("2026-01-01T00:00:00Z"),
            line -> assertThat(line)
                .startsWith("The consumer needs com.fasterxml.jackson.core:jackson-databind:"));
  }

  private String run(String tool, String... arguments) throws IOException, InterruptedException {
    Path output = folder.resolve(tool + ".out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(tool).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, UTF_8);
  }

  private static Path codeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
