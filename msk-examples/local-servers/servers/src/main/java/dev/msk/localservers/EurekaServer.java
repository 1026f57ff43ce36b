package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Netflix Eureka 2.0 in Spring Cloud 2025.1, in a JVM of its own.
 *
 * <p>Alone, without self-preservation and without its read-only cache; each second it looks for leases
 * that ran out, and a lease runs twice as long as its instance said. It keeps nothing on disk: after
 * {@link #kill()} and {@link #restart()} it is empty. A start takes about 7 s. Thread-safe.
 */
public final class EurekaServer extends AbstractServer {
  private static final String LAUNCHER = "local-servers-eureka";
  private static final String MAIN = "dev.msk.localservers.eureka.RunEureka";

  private EurekaServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static EurekaServer start() {
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
   * What clients call their service URL.
   *
   * @return {@code http://127.0.0.1:port/eureka}
   */
  public URI url() {
    return url(port());
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port + "/eureka");
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private List<String> jvmArguments =
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "eureka";
    private int port;

    private Builder() {
      settings.put("server.address", "127.0.0.1");
      settings.put("spring.main.banner-mode", "off");
      settings.put("eureka.instance.hostname", "127.0.0.1");
      settings.put("eureka.client.register-with-eureka", "false");
      settings.put("eureka.client.fetch-registry", "false");
      settings.put("eureka.server.enable-self-preservation", "false");
      settings.put("eureka.server.eviction-interval-timer-in-ms", "1000");
      settings.put("eureka.server.use-read-only-response-cache", "false");
    }

    /**
     * A Spring property of the server.
     *
     * @param property for instance {@code eureka.server.retention-time-in-m-s-in-delta-queue}
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
     * What it is called in messages and in the name of its log; {@code eureka} by default.
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
    public EurekaServer start() {
      return ServerStart.of(name, port, this::start);
    }

    private EurekaServer start(int number, TemporaryFolder folder, Log log) {
      // The line says that this very process has the port, the probe that it answers.
      ChildProcess process = ChildProcess.builder(name)
          .main(MAIN, arguments(folder, number))
          .jvmArgs(jvmArguments.toArray(String[]::new))
          .classPath(ClassPath.ofLauncher(LAUNCHER))
          .folder(folder)
          .logTo(log)
          .startTimeout(Duration.ofSeconds(90))
          .readyWhenLog(line -> line.contains("Started RunEureka"))
          .readyWhenHttp(URI.create(url(number) + "/apps"))
          .start();
      return new EurekaServer(process, folder, number);
    }

    private String[] arguments(TemporaryFolder folder, int number) {
      Map<String, String> all = new LinkedHashMap<>(settings);
      all.put("server.port", String.valueOf(number));
      all.put("server.tomcat.basedir", folder.path().toString());
      all.putIfAbsent("eureka.client.service-url.defaultZone", url(number) + "/");
      List<String> arguments = new ArrayList<>();
      all.forEach((key, value) -> arguments.add("--" + key + "=" + value));
      return arguments.toArray(String[]::new);
    }
  }
}
