package dev.msk.localservers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Keycloak in a {@link SharedFolder} of 190 MB: unpacked, and built for our settings, so that a start need
 * not do it. Its scripts are not used: a start is one JVM, without a shell around it.
 */
final class KeycloakDistribution {
  static final String MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";

  private static final String LAUNCHER = "local-servers-keycloak";
  private static final List<String> BUILD =
      List.of("build", "--db=dev-file", "--health-enabled=false");

  private KeycloakDistribution() {}

  /** Why it cannot be started here, and what to do; empty if it can. */
  static Optional<String> missing() {
    Path archive = ClassPath.archiveOf(LAUNCHER);
    return Files.isReadable(archive)
        ? Optional.empty()
        : Optional.of("keycloak: " + archive
            + " is missing (177 MB; get it by ./mvnw -Pheavy verify, "
            + "or by mvn dependency:get -Dtransitive=false -Dartifact=org.keycloak:"
            + archive.getFileName().toString().replaceAll("-(\\d[^-]*)\\.zip", ":$1:zip") + ")");
  }

  /** The folder with {@code lib} and {@code conf}. */
  static Path folder() {
    missing().ifPresent(why -> {
      throw new LocalServerException(why);
    });
    Path archive = ClassPath.archiveOf(LAUNCHER);
    String version = archive.getFileName().toString().replaceAll("^\\D*|\\.zip$", "");
    String name = "keycloak-" + version + "-" + Integer.toHexString(BUILD.hashCode());
    return SharedFolder.of("keycloak", name, folder -> {
      unpack(archive, folder);
      ChildProcess.builder("keycloak-build")
          .main(MAIN, BUILD.toArray(String[]::new))
          .jvmArgs(jvmArguments(folder).toArray(String[]::new))
          .classPath(classPath(folder))
          .startTimeout(KeycloakServer.START_TIMEOUT)
          .run();
    });
  }

  static List<Path> classPath(Path home) {
    return List.of(home.resolve("lib").resolve("quarkus-run.jar"));
  }

  /** What {@code kc.sh} says to the JVM, but for memory. */
  static List<String> jvmArguments(Path home) {
    List<String> arguments = new ArrayList<>();
    for (String opened : List.of("lang", "security", "util", "util.concurrent")) {
      arguments.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
    }
    arguments.add("--enable-native-access=ALL-UNNAMED");
    arguments.add("-Duser.language=en");
    arguments.add("-Duser.country=US");
    arguments.add("-Dkc.home.dir=" + home);
    arguments.add("-Djboss.server.config.dir=" + home.resolve("conf"));
    arguments.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
    arguments.add("-Dpicocli.disable.closures=true");
    arguments.add("-Dquarkus-log-max-startup-records=10000");
    arguments.add("-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
        + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory");
    return arguments;
  }

  /** Without the folder that is the archive's only root. */
  private static void unpack(Path archive, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        Path name = Path.of(entry.getName());
        if (entry.isDirectory() || name.getNameCount() < 2) {
          continue;
        }
        Path file = folder.resolve(name.subpath(1, name.getNameCount())).normalize();
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
}
