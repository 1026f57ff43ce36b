package dev.msk.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module that knows nothing but our exports compiles and runs without gRPC. */
class ModulePathTest {

  private static final String CONSUMER = """
      package consumer;

      import dev.msk.security.JwksSource;
      import dev.msk.security.TlsIdentity;
      import dev.msk.security.TokenVerifier;
      import dev.msk.security.testing.TestCa;
      import dev.msk.security.testing.TestIdp;
      import java.nio.file.Path;

      public final class Main {
        public static void main(String[] args) {
          try (TestIdp idp = TestIdp.builder().start()) {
            TokenVerifier verifier = TokenVerifier.builder(idp.issuer(), JwksSource.discover(idp.issuer()).build())
                .audience("orders")
                .build();
            System.out.println(TokenVerifier.class.getModule().isNamed());
            System.out.println(verifier.verify(idp.token("alice").audience("orders").sign()).getClass().getSimpleName());
          }
          Path folder = TestCa.create("shop.example").certificate("orders").issue().writeTo(Path.of(args[0]));
          System.out.println(TlsIdentity.builder(folder).build().snapshot().spiffeId().orElseThrow());
        }
      }
      """;

  private static final List<String> WANTED =
      List.of("msk-core", "msk-security", "jackson-", "slf4j-api", "nimbus-");

  @TempDir
  Path folder;

  private Path classes;

  @BeforeEach
  void write() throws IOException {
    classes = folder.resolve("classes");
    Path sources = Files.createDirectories(folder.resolve("consumer"));
    Files.writeString(
        sources.resolve("module-info.java"),
        "module consumer { requires dev.msk.security; requires jdk.httpserver; }");
    Files.createDirectories(sources.resolve("consumer"));
    Files.writeString(sources.resolve("consumer/Main.java"), CONSUMER);
  }

  @Test
  void consumer_compilesAndRunsAgainstExportsAlone() throws Exception {
    String modules = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> WANTED.stream().anyMatch(entry::contains))
        .filter(entry -> !entry.contains("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));

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
        modules + File.pathSeparator + classes,
        "-m",
        "consumer/consumer.Main",
        folder.resolve("tls").toString());

    assertThat(output.lines().filter(line -> !line.startsWith("SLF4J")))
        .containsExactly("true", "Verified", "spiffe://shop.example/orders");
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
}
