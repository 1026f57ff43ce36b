package dev.msk.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer in a JVM and with a class path of its own, which its module's build wrote down. It obeys lines on its standard
 * input, answers each with {@code ok} or {@code error}, and ends with that input. Confined to one thread.
 */
public final class PeerProcess implements AutoCloseable {

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  private PeerProcess(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a peer.
   *
   * @param artifact of its module, such as {@code bench-debezium}
   * @param mainClass of the peer
   * @return started
   * @throws IOException when it cannot be started, or its module is not built
   */
  public static PeerProcess start(String artifact, String mainClass) throws IOException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx2g",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            String.join(File.pathSeparator, classPath(artifact)),
            mainClass)
        .redirectError(log(artifact).toFile())
        .start();
    return new PeerProcess(process);
  }

  /**
   * Has a command done.
   *
   * @param words a line
   * @return what stands behind {@code ok}
   * @throws IOException when it answered with an error or ended
   */
  public String call(String... words) throws IOException {
    commands.write(String.join(" ", words));
    commands.newLine();
    commands.flush();
    String answer = answers.readLine();
    if (answer == null || !answer.startsWith("ok")) {
      throw new IOException(words[0] + ": " + (answer == null ? "the peer has ended" : answer));
    }
    return answer.substring(2).strip();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static Path log(String artifact) throws IOException {
    return Files.createDirectories(Path.of("target", "peers")).resolve(artifact + ".log");
  }

  /** The module's own classes, then the jars that its build resolved. */
  private static List<String> classPath(String artifact) throws IOException {
    String resource = "META-INF/bench/" + artifact + ".classpath";
    URL url = PeerProcess.class.getClassLoader().getResource(resource);
    if (url == null || !url.getProtocol().equals("file")) {
      throw new IOException(
          resource + ": " + url + " (expected: a file, as -Pbench without a phase makes)");
    }
    try {
      Path list = Path.of(url.toURI());
      List<String> entries = new ArrayList<>();
      entries.add(list.resolve("../../..").normalize().toString());
      entries.addAll(List.of(Files.readString(list).strip().split(File.pathSeparator)));
      return entries;
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
