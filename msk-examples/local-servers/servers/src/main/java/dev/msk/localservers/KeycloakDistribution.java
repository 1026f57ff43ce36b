package dev.msk.localservers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keycloak in a {@link SharedFolder} of 190 MB: unpacked, and built for our settings, so that a start need
 * not do it. Its scripts are not used: a start is one JVM, without a shell around it.
 */
final class KeycloakDistribution {
  static final String MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";

  private static final HeavyArchive ARCHIVE = new HeavyArchive("keycloak", 177);
  private static final List<String> BUILD =
      List.of("build", "--db=dev-file", "--health-enabled=false");

  private KeycloakDistribution() {}

  /** Why it cannot be started here, and what to do; empty if it can. */
  static Optional<String> missing() {
    return ARCHIVE.missing();
  }

  /** The folder with {@code lib} and {@code conf}. */
  static Path folder() {
    ARCHIVE.file();
    String name = "keycloak-" + ARCHIVE.version() + "-" + Integer.toHexString(BUILD.hashCode());
    return SharedFolder.of("keycloak", name, folder -> {
      ARCHIVE.unpack(folder);
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
}
