package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * VictoriaMetrics, which takes what is pushed in the formats of others, Datadog's and InfluxDB's for instance, and answers PromQL: one node on 127.0.0.1, its
 * samples in a temporary folder.
 *
 * <p>Made for 1.79 (Apache-2.0), which Debian bookworm has. No Maven artifact carries it: the program is what the system property {@code
 * msk.victoria-metrics} or the variable {@code MSK_VICTORIA_METRICS} names, else {@code victoria-metrics} on the PATH, else what {@code
 * .ci/debian-package} unpacked; {@link #missing()} says whether it is there. It writes to the disk every few seconds: the samples since then do not
 * survive {@link #kill()}. A start takes about 0.3 s. Thread-safe.
 */
public final class VictoriaMetricsServer extends AbstractServer {
  private VictoriaMetricsServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.victoria-metrics} is said, which is then what is
   *     started or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.VICTORIA_METRICS.search().missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for samples and queries
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static VictoriaMetricsServer start() {
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
   * @return {@code http://127.0.0.1:port}; with {@code /datadog} it is an intake for clients of Datadog
   */
  public URI url() {
    return url(port());
  }

  /**
   * Evaluates an expression now; samples of the last 30 s may not be found yet unless they were {@linkplain #flush() flushed}.
   *
   * @param expression in PromQL
   * @return JSON, as {@code /api/v1/query} of Prometheus answers
   * @throws LocalServerException if it is none; the message has what VictoriaMetrics said
   */
  public String query(String expression) {
    return api(
        "GET",
        "/api/v1/query?latency_offset=1ms&nocache=1&query="
            + URLEncoder.encode(expression, StandardCharsets.UTF_8));
  }

  /** Has queries find what came up to now. */
  public void flush() {
    api("GET", "/internal/force_flush");
  }

  /**
   * Asks its HTTP API.
   *
   * @param method of HTTP
   * @param path with the query, for example {@code /api/v1/labels}
   * @return the body of the answer
   * @throws LocalServerException if the answer is not a 2xx; the message has it
   */
  public String api(String method, String path) {
    try {
      return new HttpCall(method, URI.create(url() + path), Map.of(), "").answer();
    } catch (IOException e) {
      throw failed(method + " " + path, e);
    }
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> flags = new LinkedHashMap<>();
    private String name = "victoria-metrics";
    private int port;

    private Builder() {
      // The smallest that it takes is a month.
      flags.put("retentionPeriod", "1");
    }

    /**
     * A flag of its command line.
     *
     * @param flag for instance {@code dedup.minScrapeInterval}
     * @param value for instance {@code 1s}
     * @return this
     */
    public Builder setting(String flag, String value) {
      flags.put(requireNonNull(flag, "flag"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code victoria-metrics} by default.
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
     * @return ready for samples and queries
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public VictoriaMetricsServer start() {
      Path program = DebianProgram.VICTORIA_METRICS.search().file();
      return ServerStart.of(
          name, port, (number, folder, log) -> start(program, number, folder, log));
    }

    private VictoriaMetricsServer start(Path program, int number, TemporaryFolder folder, Log log) {
      Path samples = folder.path().resolve("samples");
      List<String> command = new ArrayList<>(List.of(program.toString()));
      command.add("-storageDataPath=" + samples);
      command.add("-httpListenAddr=127.0.0.1:" + number);
      flags.forEach((flag, value) -> command.add("-" + flag + "=" + value));
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .readyWhen(() -> isReady(url(number), samples))
          .start();
      return new VictoriaMetricsServer(process, folder, number);
    }

    /** Whether it is the one with our samples, not a stranger on the same port: its own metrics have its flags. */
    private static boolean isReady(URI url, Path samples) {
      try {
        return new HttpCall("GET", URI.create(url + "/metrics"), Map.of(), "")
            .answer()
            .contains("\"" + samples + "\"");
      } catch (IOException e) {
        return false;
      }
    }
  }
}
