package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Zipkin 3.6, which takes spans and shows traces, in a JVM of its own.
 *
 * <p>It takes spans in its own format alone, JSON of version 2: OTLP it answers with 404. Its spans are in memory: after {@link
 * #kill()} and {@link #restart()} it is empty. It is heavy: its jar of 135 MB must be in the local Maven repository, where {@code
 * ./mvnw -Pheavy} puts it; {@link #missing()} says whether it is. A start takes about 10 s. Thread-safe.
 */
public final class ZipkinServer extends AbstractServer {
  private static final HeavyArchive ARCHIVE = new HeavyArchive("zipkin", 135);
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private ZipkinServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is
   */
  public static Optional<String> missing() {
    return ARCHIVE.missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for spans
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static ZipkinServer start() {
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
   * Where it is.
   *
   * @return {@code http://127.0.0.1:port}; reporters of spans take it with {@code /api/v2/spans}
   */
  public URI url() {
    return url(port());
  }

  /**
   * Asks its HTTP API.
   *
   * @param method of HTTP
   * @param path for example {@code /api/v2/trace/} and an id
   * @param json what to send; empty sends nothing
   * @return the body of the answer, which may be empty
   * @throws LocalServerException if the answer is not a 2xx, as that to an unknown trace; the message has it
   */
  public String api(String method, String path, String json) {
    try {
      return new HttpCall(method, URI.create(url() + path), JSON, json).answer();
    } catch (IOException e) {
      throw failed(method + " " + path, e);
    }
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private List<String> jvmArguments =
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "zipkin";
    private int port;

    private Builder() {
      // Variables of the environment, which it inherits, would say otherwise.
      settings.put("zipkin.storage.type", "mem");
      settings.put("zipkin.collector.kafka.enabled", "false");
      settings.put("zipkin.collector.rabbitmq.enabled", "false");
      settings.put("zipkin.collector.scribe.enabled", "false");
    }

    /**
     * A Spring property of the server.
     *
     * @param property for instance {@code zipkin.storage.mem.max-spans}
     * @param value for instance {@code 1000}
     * @return this
     */
    public Builder setting(String property, String value) {
      settings.put(requireNonNull(property, "property"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Arguments of its JVM, instead of 256 MB, the serial collector and C1 alone.
     *
     * @param args for instance {@code -Xmx1g}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code zipkin} by default.
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
     * @return ready for spans
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public ZipkinServer start() {
      Path jar = ARCHIVE.file();
      return ServerStart.of(name, port, (number, folder, log) -> start(jar, number, folder, log));
    }

    private ZipkinServer start(Path jar, int number, TemporaryFolder folder, Log log) {
      // The line says that this very process has the port, the probe that it answers.
      ChildProcess process = ChildProcess.builder(name)
          .command(command(jar, folder, number))
          .folder(folder)
          .logTo(log)
          .startTimeout(Duration.ofSeconds(120))
          .readyWhenLog(line -> line.contains("Serving HTTP at") && line.contains(":" + number))
          .readyWhenHttp(URI.create(url(number) + "/health"))
          .start();
      return new ZipkinServer(process, folder, number);
    }

    private String[] command(Path jar, TemporaryFolder folder, int number) {
      List<String> command = new ArrayList<>(List.of(ClassPath.java().toString()));
      command.addAll(jvmArguments);
      command.add("-Djava.io.tmpdir=" + folder.path());
      // Its own one would have a UDP socket on all interfaces.
      command.add("-Dcom.linecorp.armeria.useJdkDnsResolver=true");
      command.addAll(List.of("-jar", jar.toString()));
      // By default it listens on all interfaces; the port is one of a list, which is given as a
      // whole.
      command.add("--armeria.ports[0].ip=127.0.0.1");
      command.add("--armeria.ports[0].port=" + number);
      command.add("--armeria.ports[0].protocols[0]=http");
      settings.forEach((key, value) -> command.add("--" + key + "=" + value));
      return command.toArray(String[]::new);
    }
  }
}
