package dev.msk.localservers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How to run a program that refuses to be root: PostgreSQL and Elasticsearch do. */
enum RunAs {
  /** We are an ordinary user. */
  OURSELVES(List.of()),
  /** A user namespace without a map: the program sees a number that is not 0. */
  UNMAPPED(List.of("unshare", "-U")),
  /** The user 65534, where user namespaces are forbidden; this takes CAP_SETUID. */
  NOBODY(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));

  private static final int NOBODY_ID = 65534;

  private final List<String> prefix;

  RunAs(List<String> prefix) {
    this.prefix = prefix;
  }

  /**
   * The first that works here.
   *
   * @param program what it is for
   * @param ways what it can do with as root
   */
  static RunAs detect(String program, RunAs... ways) {
    if (TemporaryFolder.uid() != 0) {
      return OURSELVES;
    }
    List<String> refusals = new ArrayList<>();
    for (RunAs way : ways) {
      String said = way.userId();
      if (said.matches("[1-9][0-9]*")) {
        return way;
      }
      refusals.add(String.join(" ", way.prefix) + " id -u: " + said);
    }
    throw new LocalServerException(
        program + ": will not run as root (expected: an ordinary user, or one of these to work: "
            + String.join("; ", refusals) + ")");
  }

  List<String> command(String... words) {
    List<String> line = new ArrayList<>(prefix);
    line.addAll(List.of(words));
    return line;
  }

  /** Gives a folder to the user that the program will be. */
  void give(Path folder) throws IOException {
    if (this == NOBODY) {
      TemporaryFolder.openToRead(folder.getParent());
      Files.setAttribute(folder, "unix:uid", NOBODY_ID);
      Files.setAttribute(folder, "unix:gid", NOBODY_ID);
    }
  }

  private String userId() {
    try {
      Process process =
          new ProcessBuilder(command("id", "-u")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
          ? said
          : "refused " + said;
    } catch (IOException e) {
      return e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
