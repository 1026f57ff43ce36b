package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * RabbitMQ, one node: AMQP 0-9-1 on 127.0.0.1, with a port mapper of its own, without plugins.
 *
 * <p>Made for 3.10 (MPL-2.0), which Debian bookworm has. No Maven artifact carries it: the program is what the system property {@code
 * msk.rabbitmq} or the variable {@code MSK_RABBITMQ} names ({@code sbin/rabbitmq-server} of an installation), else Debian's, if it is
 * installed, else what {@code .ci/debian-package} unpacked; {@link #missing()} says whether it is there. It runs with
 * the Erlang that stands beside it, as Debian's packages have it, else with the one on the PATH. What is durable survives {@link #kill()}
 * and {@link #restart()}, but for quorum queues that were declared moments before. A start takes about 6 s. Thread-safe.
 */
public final class RabbitMqServer extends AbstractServer {
  private static final Duration CTL_TIMEOUT = Duration.ofSeconds(60);

  private final ChildProcess mapper;
  private final ErlangNode node;
  private final int tlsPort;

  private RabbitMqServer(
      ChildProcess process,
      TemporaryFolder folder,
      int port,
      ChildProcess mapper,
      ErlangNode node,
      int tlsPort) {
    super(process, folder, port);
    this.mapper = mapper;
    this.node = node;
    this.tlsPort = tlsPort;
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.rabbitmq} is said, which is
   *     then what is started or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.RABBITMQ.search().missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static RabbitMqServer start() {
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

  /**
   * The user who may do everything in the virtual host {@code /}.
   *
   * @return {@code guest}
   */
  public String username() {
    return "guest";
  }

  /**
   * The password of that user.
   *
   * @return {@code guest}, unless {@link #ctl} changed it
   */
  public String password() {
    return "guest";
  }

  /**
   * Where it takes AMQP with TLS.
   *
   * @return a port of 127.0.0.1
   * @throws LocalServerException unless it was started with {@link Builder#tls}
   */
  public int tlsPort() {
    if (tlsPort == 0) {
      throw new LocalServerException(name() + ": tls: off (expected: builder().tls(…))");
    }
    return tlsPort;
  }

  /**
   * Runs {@code rabbitmqctl}, which takes a second or two.
   *
   * @param words for instance {@code "list_queues", "name", "messages"}
   * @return what it printed
   * @throws LocalServerException if its exit code is not 0, or after 60 s; the message has what it printed
   */
  public String ctl(String... words) {
    List<String> command =
        new ArrayList<>(List.of(node.scripts().resolve("rabbitmqctl").toString(), "--quiet"));
    command.addAll(List.of(words));
    try {
      // A file, not a pipe: who does not end in time must not keep us from reading to the end.
      Path output = Files.createTempFile("local-rabbitmqctl-", ".log");
      try {
        int code = run(command, output);
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        if (code != 0) {
          throw new LocalServerException(
              name() + ": rabbitmqctl " + words[0] + ": ended with code " + code + ": " + printed);
        }
        return printed;
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw failed("rabbitmqctl " + words[0], e);
    }
  }

  long mapperPid() {
    return mapper.pid();
  }

  private int run(List<String> command, Path output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(node.environment());
    Process process = builder.start();
    process.getOutputStream().close();
    try {
      if (process.waitFor(CTL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServerException("interrupted while waiting for rabbitmqctl", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    throw new LocalServerException(
        name() + ": rabbitmqctl: not done after " + CTL_TIMEOUT.toSeconds() + " s");
  }

  @Override
  public void close() {
    try {
      super.close();
    } finally {
      mapper.close();
    }
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final List<String> configuration = new ArrayList<>();
    private final Map<String, Path> tls = new LinkedHashMap<>();
    private String name = "rabbitmq";
    private int port;

    private Builder() {}

    /**
     * Takes AMQP with TLS too, and asks clients for no certificate: Erlang refuses those that are signed by themselves, trusted or not. The
     * files are copied.
     *
     * @param certificate of the server, PEM
     * @param key its private key, PEM
     * @return this
     */
    public Builder tls(Path certificate, Path key) {
      tls.put("server.crt", requireNonNull(certificate, "certificate"));
      tls.put("server.key", requireNonNull(key, "key"));
      return this;
    }

    /**
     * A line of {@code rabbitmq.conf}.
     *
     * @param line for instance {@code consumer_timeout = 5000}
     * @return this
     */
    public Builder configuration(String line) {
      configuration.add(requireNonNull(line, "line"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code rabbitmq} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The port of AMQP; a random one by default.
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
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public RabbitMqServer start() {
      Path program = DebianProgram.RABBITMQ.search().file();
      Log log = Log.create(name);
      return port == 0
          ? Ports.retried(() -> start(program, log, Ports.free()))
          : start(program, log, port);
    }

    private RabbitMqServer start(Path program, Log log, int amqp) {
      int[] others = Ports.free(3, amqp);
      TemporaryFolder folder = TemporaryFolder.create(name);
      ChildProcess mapper = null;
      try {
        ErlangNode node = ErlangNode.in(folder.path(), program, others[0], others[1]);
        int secure = tls.isEmpty() ? 0 : others[2];
        write(folder.path(), amqp, secure);
        mapper = mapper(node);
        ChildProcess.Builder process = ChildProcess.builder(name)
            .command(program.toString())
            .folder(folder)
            .logTo(log)
            .startTimeout(Duration.ofSeconds(90))
            .readyWhenLog(line -> line.contains(" completed with "))
            .readyWhen(new AmqpProbe(amqp, node.name()));
        node.environment().forEach(process::env);
        return new RabbitMqServer(process.start(), folder, amqp, mapper, node, secure);
      } catch (RuntimeException e) {
        if (mapper != null) {
          mapper.close();
        }
        folder.remove();
        throw e;
      }
    }

    /** Erlang would start one by itself, which would stay behind. */
    private ChildProcess mapper(ErlangNode node) {
      ChildProcess.Builder mapper =
          ChildProcess.builder(name + "-epmd").command(node.mapperCommand());
      node.environment().forEach(mapper::env);
      return mapper.start();
    }

    private void write(Path folder, int amqp, int secure) {
      try {
        List<String> lines = new ArrayList<>(List.of(
            "listeners.tcp.1 = 127.0.0.1:" + amqp,
            "loopback_users = none",
            "log.console = true",
            "log.console.level = warning"));
        if (secure != 0) {
          for (Map.Entry<String, Path> file : tls.entrySet()) {
            Files.write(folder.resolve(file.getKey()), Files.readAllBytes(file.getValue()));
          }
          lines.addAll(List.of(
              "listeners.ssl.1 = 127.0.0.1:" + secure,
              "ssl_options.certfile = " + folder.resolve("server.crt"),
              "ssl_options.keyfile = " + folder.resolve("server.key"),
              "ssl_options.verify = verify_none"));
        }
        lines.addAll(configuration);
        Files.write(folder.resolve("rabbitmq.conf"), lines);
        Files.writeString(folder.resolve("plugins"), "[].\n");
      } catch (IOException e) {
        throw new LocalServerException(name + ": " + e, e);
      }
    }
  }
}
