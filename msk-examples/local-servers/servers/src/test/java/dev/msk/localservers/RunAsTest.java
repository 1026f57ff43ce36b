package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL refuses root: what happens where {@code unshare}, or {@code setpriv} too, is forbidden. */
class RunAsTest {
  @TempDir
  Path programs;

  @BeforeEach
  void onlyAsRoot() {
    assumeTrue(TemporaryFolder.uid() == 0, "an ordinary user has nothing to drop");
  }

  @Test
  void root_withoutUnshare_runsPostgresAsNobody() throws IOException {
    forbid("unshare");

    try (ChildProcess victim = victim()) {
      long pid = Files.readAllLines(victim.logFile()).stream()
          .filter(line -> line.startsWith("server "))
          .mapToLong(line -> Long.parseLong(line.substring("server ".length())))
          .findFirst()
          .orElseThrow();
      assertThat(Files.readString(Path.of("/proc/" + pid + "/status")))
          .containsPattern("Uid:\\s+65534\\s+65534");
    }
  }

  @Test
  void root_withoutEither_saysBoth() throws IOException {
    forbid("unshare");
    forbid("setpriv");

    assertThatThrownBy(this::victim)
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("postgres: will not run as root (expected: an ordinary user")
        .hasMessageContaining("unshare -U id -u: refused forbidden here")
        .hasMessageContaining("setpriv --reuid=65534");
  }

  private void forbid(String program) throws IOException {
    Path file = programs.resolve(program);
    Files.writeString(file, "#!/bin/sh\necho forbidden here\nexit 1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private ChildProcess victim() {
    return ChildProcess.builder("victim")
        .main(Victim.class.getName(), "wait", "postgres")
        .jvmArgs("-Dlocal-servers.repository=" + ClassPath.repository())
        .env("PATH", programs + ":" + System.getenv("PATH"))
        .readyWhenLog("ready"::equals)
        .start();
  }
}
