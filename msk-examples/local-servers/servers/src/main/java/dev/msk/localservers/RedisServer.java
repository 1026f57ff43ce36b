package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Redis 6.2.11 with an append-only file, so that data survive {@link #kill()}.
 *
 * <p>A start takes about 0.1 s. It needs libssl 3 on the machine. Thread-safe.
 */
public final class RedisServer extends AbstractServer {
  private static final String LAUNCHER = "local-servers-redis";
  private static final String PROGRAM = "redis-server-6.2.6-v5-linux-amd64";

  private RedisServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static RedisServer start() {
    return builder().start();
  }

  /**
   * A builder with the defaults.
   *
   * @return to change them
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private static final int MILLIS = 5000;
    private static final String FILE = "redis-server";
    private static final String COPY = "umask 077 && cat > \"$1\" && chmod 700 \"$1\"";
    private static final String QUESTION = "CONFIG GET dir\r\nQUIT\r\n";

    private final Map<String, String> settings = new LinkedHashMap<>();
    private String name = "redis";
    private int port;

    private Builder() {
      settings.put("save", "");
      settings.put("appendonly", "yes");
      settings.put("appendfsync", "no");
    }

    /**
     * A directive of redis.conf.
     *
     * @param directive for instance {@code maxmemory}
     * @param value for instance {@code 10mb}
     * @return this
     */
    public Builder setting(String directive, String value) {
      settings.put(requireNonNull(directive, "directive"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code redis} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The port; a random one by default.
     *
     * @param number 1 to 65535
     * @return this
     */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /**
     * Starts it.
     *
     * @return ready for clients
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log
     */
    public RedisServer start() {
      return ServerStart.of(name, port, (folder, log) -> unpack(folder.path()), this::start);
    }

    private RedisServer start(int number, TemporaryFolder folder, Log log) {
      List<String> command = new ArrayList<>(List.of(folder.path().resolve(FILE).toString()));
      command.addAll(List.of("--bind", "127.0.0.1", "--port", String.valueOf(number)));
      command.addAll(List.of("--dir", folder.path().toString()));
      settings.forEach((key, value) -> command.addAll(List.of("--" + key, value)));
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .readyWhen(() -> answers(number, folder.path()))
          .start();
      return new RedisServer(process, folder, number);
    }

    /** Whether the server of our data folder answers, and not a stranger on the same port. */
    private static boolean answers(int number, Path folder) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), number), MILLIS);
        socket.setSoTimeout(MILLIS);
        socket.getOutputStream().write(QUESTION.getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readAllBytes();
        return new String(answer, StandardCharsets.UTF_8).contains(folder + "\r\n");
      } catch (IOException e) {
        return false;
      }
    }

    private void unpack(Path folder) throws IOException {
      Path jar = ClassPath.ofLauncher(LAUNCHER).stream()
          .filter(entry -> entry.getFileName().toString().startsWith("embedded-redis-"))
          .findFirst()
          .orElseThrow(() -> new LocalServerException(name + ": no jar with " + PROGRAM));
      Path program = folder.resolve(FILE);
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        ZipEntry entry = zip.getEntry(PROGRAM);
        if (entry == null) {
          throw new LocalServerException(name + ": " + jar + " has no " + PROGRAM);
        }
        try (InputStream in = zip.getInputStream(entry)) {
          write(in, program);
        }
      }
    }

    /**
     * By a process of its own: a child that this JVM forks meanwhile, for another server, inherits its
     * open files for a moment, and what is open for writing cannot be executed ("Text file busy").
     */
    private void write(InputStream in, Path program) throws IOException {
      Process copy = new ProcessBuilder("sh", "-c", COPY, "copy", program.toString())
          .redirectErrorStream(true)
          .start();
      try (OutputStream out = copy.getOutputStream()) {
        in.transferTo(out);
      }
      String words = new String(copy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (copy.onExit().join().exitValue() != 0) {
        throw new LocalServerException(name + ": " + words.strip());
      }
    }
  }
}
