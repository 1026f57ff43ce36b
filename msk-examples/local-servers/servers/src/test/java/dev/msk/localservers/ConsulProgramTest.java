package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsulProgramTest {
  private static final String UNPACKED = ".cache/msk/local-servers/consul/usr/bin/consul";

  @TempDir
  private Path folder;

  @Test
  void missing_isNamed_withHowToGetIt() {
    ConsulProgram program = new ConsulProgram(null, "/nowhere", folder);

    assertThat(program.missing())
        .hasValueSatisfying(why -> assertThat(why)
            .startsWith("consul: neither on the PATH nor below " + folder + "/.cache/msk/")
            .contains(".ci/debian-package bullseye consul ~/.cache/msk/local-servers/consul")
            .contains("-Dmsk.consul=<path>"));
    assertThatThrownBy(program::file)
        .isInstanceOf(LocalServerException.class)
        .hasMessage(program.missing().orElseThrow());
  }

  @Test
  void path_comesBeforeWhatWasUnpacked() throws IOException {
    Path unpacked = program(UNPACKED);
    assertThat(new ConsulProgram(null, "", folder).file()).isEqualTo(unpacked);

    Path installed = program("bin/consul");
    String path = "/nowhere" + File.pathSeparator + installed.getParent();

    ConsulProgram program = new ConsulProgram(null, path, folder);
    assertThat(program.file()).isEqualTo(installed);
    assertThat(program.missing()).isEmpty();
  }

  @Test
  void whatSomebodyNames_isTaken_orFails_ratherThanSkipped() throws IOException {
    program(UNPACKED);
    Path named = program("mine");

    assertThat(new ConsulProgram(named.toString(), "", folder).file()).isEqualTo(named);

    ConsulProgram wrong = new ConsulProgram(folder.resolve("gone").toString(), "", folder);
    assertThat(wrong.missing()).isEmpty();
    assertThatThrownBy(wrong::file)
        .isInstanceOf(LocalServerException.class)
        .hasMessage("consul: " + folder.resolve("gone")
            + " is no program (expected: what msk.consul or MSK_CONSUL names)");
  }

  @Test
  void fileThatCannotBeRun_isNone() throws IOException {
    Path file = folder.resolve("bin").resolve("consul");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");

    assertThat(new ConsulProgram(null, file.getParent().toString(), folder).missing())
        .isPresent();
  }

  private Path program(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
