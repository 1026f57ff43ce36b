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

class ProgramSearchTest {
  private static final String UNPACKED = ".cache/msk/local-servers/consul/usr/bin/consul";

  @TempDir
  private Path folder;

  @Test
  void missing_isNamed_withHowToGetIt() {
    ProgramSearch consul = search(DebianProgram.CONSUL, null, "/nowhere");

    assertThat(consul.missing())
        .hasValueSatisfying(why -> assertThat(why)
            .startsWith("consul: neither on the PATH nor below " + folder + "/.cache/msk/")
            .contains(".ci/debian-package bullseye consul ~/.cache/msk/local-servers/consul")
            .contains("-Dmsk.consul=<path>"));
    assertThatThrownBy(consul::file)
        .isInstanceOf(LocalServerException.class)
        .hasMessage(consul.missing().orElseThrow());
  }

  @Test
  void missing_namesThePackage_alsoWhereItIsCalledOtherwise() {
    assertThat(search(DebianProgram.PROMTOOL, null, "").missing())
        .hasValueSatisfying(why -> assertThat(why)
            .startsWith("promtool: neither on the PATH nor below " + folder)
            .contains(
                ".ci/debian-package bookworm prometheus ~/.cache/msk/local-servers/prometheus,")
            .contains("-Dmsk.promtool=<path>"));
  }

  @Test
  void path_comesBeforeWhatWasUnpacked() throws IOException {
    Path unpacked = program(UNPACKED);
    assertThat(search(DebianProgram.CONSUL, null, "").file()).isEqualTo(unpacked);

    Path installed = program("bin/consul");
    String path = "/nowhere" + File.pathSeparator + installed.getParent();

    ProgramSearch search = search(DebianProgram.CONSUL, null, path);
    assertThat(search.file()).isEqualTo(installed);
    assertThat(search.missing()).isEmpty();
  }

  @Test
  void program_isFoundByEitherOfItsNames() throws IOException {
    Path ofItsMakers = program("bin/alertmanager");
    String path = ofItsMakers.getParent().toString();
    assertThat(search(DebianProgram.ALERTMANAGER, null, path).file()).isEqualTo(ofItsMakers);

    Path ofDebian = program("bin/prometheus-alertmanager");

    assertThat(search(DebianProgram.ALERTMANAGER, null, path).file()).isEqualTo(ofDebian);
  }

  @Test
  void programBehindAWrapper_isNotTakenFromThePath() throws IOException {
    Path wrapper = program("sbin/rabbitmq-server");
    ProgramSearch search =
        search(DebianProgram.RABBITMQ, null, wrapper.getParent().toString());
    Path unpacked = program(".cache/msk/local-servers/rabbitmq-server/usr/lib/rabbitmq/lib/"
        + "rabbitmq_server-3.10.8/sbin/rabbitmq-server");

    assertThat(search.file()).isNotEqualTo(wrapper);
    assertThat(search.missing()).isEmpty();
    assertThat(DebianProgram.RABBITMQ.advice())
        .contains(".ci/debian-package bookworm rabbitmq-server erlang-asn1 ")
        .contains(" ~/.cache/msk/local-servers/rabbitmq-server, which");
    assertThat(unpacked).exists();
  }

  @Test
  void whatSomebodyNames_isTaken_orFails_ratherThanSkipped() throws IOException {
    program(UNPACKED);
    Path named = program("mine");

    assertThat(search(DebianProgram.CONSUL, named.toString(), "").file()).isEqualTo(named);

    ProgramSearch wrong = search(DebianProgram.CONSUL, folder.resolve("gone").toString(), "");
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

    assertThat(search(DebianProgram.CONSUL, null, file.getParent().toString()).missing())
        .isPresent();
  }

  private ProgramSearch search(DebianProgram wanted, String said, String path) {
    return new ProgramSearch(wanted, said, path, folder);
  }

  private Path program(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
