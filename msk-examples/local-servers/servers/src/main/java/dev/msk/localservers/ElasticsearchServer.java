package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Elasticsearch 8.19 as its makers test with it, with few of its modules: one node in a JVM of its own, beside that of its launcher.
 *
 * <p>Plain HTTP on 127.0.0.1 without security, 512 MB of heap; documents survive {@link #kill()}. Elastic License 2.0: it is for tests,
 * and nothing of it is passed on. It is heavy: its archive of 107 MB must be in the local Maven repository, where {@code ./mvnw -Pheavy}
 * puts it; {@link #missing()} says whether it is. It refuses to be root, and runs as user 65534 instead. A start takes about 15 s.
 * Thread-safe.
 */
public final class ElasticsearchServer extends AbstractServer {
  private static final HeavyArchive ARCHIVE = new HeavyArchive("elasticsearch", 107);
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private ElasticsearchServer(ChildProcess process, TemporaryFolder folder, int port) {
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
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static ElasticsearchServer start() {
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
   * @return {@code http://127.0.0.1:port}
   */
  public URI url() {
    return url(port());
  }

  /**
   * Asks its HTTP API.
   *
   * @param method of HTTP
   * @param path for example {@code /logs/_search}
   * @param json what to send, for {@code /_bulk} a line each; empty sends nothing
   * @return the body of the answer
   * @throws LocalServerException if the answer is not a 2xx; the message has it
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
        List.of("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "elasticsearch";
    private int port;

    private Builder() {
      settings.put("discovery.type", "single-node");
      settings.put("xpack.security.enabled", "false");
      // A disk that is nearly full is no reason to refuse a test's documents.
      settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    }

    /**
     * A line of elasticsearch.yml.
     *
     * @param property for instance {@code action.auto_create_index}
     * @param value for instance {@code false}
     * @return this
     */
    public Builder setting(String property, String value) {
      settings.put(requireNonNull(property, "property"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Arguments of its JVM, instead of 256 to 512 MB, the serial collector and C1 alone.
     *
     * @param args for instance {@code -Xmx1g}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code elasticsearch} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The port of HTTP; a random one by default.
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
    public ElasticsearchServer start() {
      ARCHIVE.file();
      // It attaches to its own JVM, which cannot be done as a user without a number.
      RunAs user = RunAs.detect(name, RunAs.NOBODY);
      Path home =
          SharedFolder.of("elasticsearch", "elasticsearch-" + ARCHIVE.version(), ARCHIVE::unpack);
      return ServerStart.of(
          name,
          port,
          (folder, log) -> {
            for (String own : List.of("config", "data", "logs", "tmp")) {
              user.give(Files.createDirectory(folder.path().resolve(own)));
            }
          },
          (number, folder, log) -> start(user, home, number, folder, log));
    }

    private ElasticsearchServer start(
        RunAs user, Path home, int number, TemporaryFolder folder, Log log) {
      // Another node on the same port has another cluster.
      String cluster = folder.path().getFileName().toString();
      configure(folder.path(), cluster, number);
      URI health = URI.create(url(number) + "/_cluster/health?wait_for_status=yellow&timeout=1s");
      ChildProcess process = ChildProcess.builder(name)
          .command(command(user, home, folder.path()))
          .env("ES_TMPDIR", folder.path().resolve("tmp").toString())
          .env("ES_JAVA_OPTS", "")
          .folder(folder)
          .logTo(log)
          // The launcher's child is the node.
          .tree()
          .startTimeout(Duration.ofSeconds(180))
          .readyWhen(() -> isHealthy(health, cluster))
          .start();
      return new ElasticsearchServer(process, folder, number);
    }

    private static boolean isHealthy(URI health, String cluster) {
      try {
        return new HttpCall("GET", health, Map.of(), "").answer().contains("\"" + cluster + "\"");
      } catch (IOException e) {
        return false;
      }
    }

    /** What {@code bin/elasticsearch} says. */
    private static String[] command(RunAs user, Path home, Path folder) {
      List<String> command =
          user.command("env", "-C", home.toString(), ClassPath.java().toString());
      command.addAll(List.of("-Xms4m", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
      command.add("-Dcli.name=server");
      command.add("-Dcli.script=" + home.resolve("bin").resolve("elasticsearch"));
      command.add("-Dcli.libs=lib/tools/server-cli");
      command.add("-Des.path.home=" + home);
      command.add("-Des.path.conf=" + folder.resolve("config"));
      command.add("-Des.distribution.type=zip");
      command.addAll(List.of("-cp", home + "/lib/*:" + home + "/lib/cli-launcher/*"));
      command.add("org.elasticsearch.launcher.CliToolLauncher");
      return command.toArray(String[]::new);
    }

    private void configure(Path folder, String cluster, int number) {
      Map<String, String> all = new LinkedHashMap<>(settings);
      all.put("cluster.name", cluster);
      all.put("node.name", cluster);
      all.put("path.data", folder.resolve("data").toString());
      all.put("path.logs", folder.resolve("logs").toString());
      all.put("network.host", "127.0.0.1");
      all.put("http.port", String.valueOf(number));
      all.put("transport.port", String.valueOf(Ports.free(1, number)[0]));
      List<String> lines = new ArrayList<>();
      all.forEach((key, value) -> lines.add(key + ": \"" + value + "\""));
      List<String> options = new ArrayList<>(jvmArguments);
      options.add("-Djava.io.tmpdir=" + folder.resolve("tmp"));
      try {
        Path config = folder.resolve("config");
        Files.write(config.resolve("elasticsearch.yml"), lines);
        Files.write(config.resolve("jvm.options"), options);
        Files.writeString(config.resolve("log4j2.properties"), """
            appender.console.type = Console
            appender.console.name = console
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
            rootLogger.level = info
            rootLogger.appenderRef.console.ref = console
            """);
      } catch (IOException e) {
        throw new LocalServerException(name + ": " + folder + ": " + e, e);
      }
    }
  }
}
