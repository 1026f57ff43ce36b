package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Prometheus, which scrapes, evaluates rules and tells an Alertmanager: one server on 127.0.0.1, its samples in a temporary folder.
 *
 * <p>Made for 2.42 (Apache-2.0), which Debian bookworm has. No Maven artifact carries it: the program is what the system property
 * {@code msk.prometheus} or the variable {@code MSK_PROMETHEUS} names, else {@code prometheus} on the PATH, else what {@code
 * .ci/debian-package} unpacked; {@link #missing()} says whether it is there. Samples survive {@link #kill()}. A start takes about
 * 0.4 s; targets and Alertmanagers come into use some 6 s later, since Prometheus looks for new ones each 5 s. Thread-safe.
 */
public final class PrometheusServer extends AbstractServer {
  private static final String CONFIGURATION = "prometheus.yml";

  private PrometheusServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.prometheus} is said, which
   *     is then what is started or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.PROMETHEUS.search().missing();
  }

  /**
   * A builder with the defaults: nothing to scrape, no rules, nobody to tell.
   *
   * @return to change them
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Where its HTTP API is.
   *
   * @return {@code http://127.0.0.1:port}
   */
  public URI url() {
    return url(port());
  }

  /**
   * Reads its rule files again, as they are now.
   *
   * @throws LocalServerException if one of them cannot be used, its log says why; the rules are then those from before
   */
  public void reload() {
    api("POST", "/-/reload");
  }

  /**
   * Evaluates an expression now.
   *
   * @param expression in PromQL, for instance {@code up{job="orders"}}
   * @return JSON, as {@code /api/v1/query} answers
   * @throws LocalServerException if it is none; the message has what Prometheus said
   */
  public String query(String expression) {
    return api(
        "GET", "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
  }

  /**
   * The rules that it knows, with their health and their last evaluation.
   *
   * @return JSON, as {@code /api/v1/rules} answers
   */
  public String rules() {
    return api("GET", "/api/v1/rules");
  }

  /**
   * The alerts that are pending or firing.
   *
   * @return JSON, as {@code /api/v1/alerts} answers
   */
  public String alerts() {
    return api("GET", "/api/v1/alerts");
  }

  /**
   * Asks its HTTP API.
   *
   * @param method of HTTP
   * @param path with the query, for example {@code /api/v1/targets?state=active}
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
    private final Map<String, List<String>> jobs = new LinkedHashMap<>();
    private final List<Path> rules = new ArrayList<>();
    private final List<String> alertmanagers = new ArrayList<>();
    private final Map<String, String> flags = new LinkedHashMap<>();
    private Duration scrapeInterval = Duration.ofSeconds(1);
    private Duration evaluationInterval = Duration.ofSeconds(1);
    private String name = "prometheus";
    private int port;

    private Builder() {
      // An alert that fires before an Alertmanager is known is lost; the default tells it again
      // after a minute.
      flags.put("rules.alert.resend-delay", "1s");
    }

    /**
     * Scrapes {@code /metrics} of some targets.
     *
     * @param job what they are called together; the label {@code job}
     * @param targets for instance {@code 127.0.0.1:8081}; adds to earlier ones of the job
     * @return this
     */
    public Builder scrape(String job, String... targets) {
      jobs.computeIfAbsent(requireNonNull(job, "job"), added -> new ArrayList<>())
          .addAll(List.of(targets));
      return this;
    }

    /**
     * Evaluates rules. The files are read where they are, with the start and with {@link PrometheusServer#reload()}.
     *
     * @param files of recording and alerting rules, YAML; adds to earlier ones
     * @return this
     */
    public Builder rules(Path... files) {
      for (Path file : files) {
        rules.add(file.toAbsolutePath());
      }
      return this;
    }

    /**
     * Tells an Alertmanager which alerts fire.
     *
     * @param address for instance that of {@link AlertmanagerServer#address()}; adds to earlier ones
     * @return this
     */
    public Builder alertmanager(String address) {
      alertmanagers.add(requireNonNull(address, "address"));
      return this;
    }

    /**
     * How often targets are scraped; 1 s by default.
     *
     * @param interval at least 1 ms
     * @return this
     */
    public Builder scrapeInterval(Duration interval) {
      scrapeInterval = positive("scrapeInterval", interval);
      return this;
    }

    /**
     * How often rules are evaluated, those of groups that say nothing else; 1 s by default.
     *
     * @param interval at least 1 ms
     * @return this
     */
    public Builder evaluationInterval(Duration interval) {
      evaluationInterval = positive("evaluationInterval", interval);
      return this;
    }

    /**
     * A flag of its command line that has a value.
     *
     * @param flag for instance {@code enable-feature}
     * @param value for instance {@code exemplar-storage}
     * @return this
     */
    public Builder setting(String flag, String value) {
      flags.put(requireNonNull(flag, "flag"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code prometheus} by default.
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
     * @return ready for queries; nothing is scraped yet
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public PrometheusServer start() {
      Path program = DebianProgram.PROMETHEUS.search().file();
      checkRules();
      return ServerStart.of(
          name,
          port,
          (folder, log) -> Files.writeString(folder.path().resolve(CONFIGURATION), configuration()),
          (number, folder, log) -> start(program, number, folder, log));
    }

    /** Prometheus takes a file that is not there for one that will be. */
    private void checkRules() {
      List<Path> gone = rules.stream().filter(file -> !Files.isReadable(file)).toList();
      if (!gone.isEmpty()) {
        throw new LocalServerException(
            name + ": rules: " + gone + " cannot be read (expected: files that are there)");
      }
    }

    private PrometheusServer start(Path program, int number, TemporaryFolder folder, Log log) {
      Path samples = folder.path().resolve("samples");
      List<String> command = new ArrayList<>(List.of(program.toString()));
      command.add("--config.file=" + folder.path().resolve(CONFIGURATION));
      command.add("--storage.tsdb.path=" + samples);
      command.add("--web.listen-address=127.0.0.1:" + number);
      command.add("--web.enable-lifecycle");
      flags.forEach((flag, value) -> command.add("--" + flag + "=" + value));
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .readyWhen(() -> isReady(url(number), samples))
          .start();
      return new PrometheusServer(process, folder, number);
    }

    /** Whether it answers queries, and is the one with our samples, not a stranger on the same port. */
    private static boolean isReady(URI url, Path samples) {
      try {
        String flags =
            new HttpCall("GET", URI.create(url + "/api/v1/status/flags"), Map.of(), "").answer();
        return flags.contains("\"" + samples + "\"")
            && new HttpProbe(URI.create(url + "/-/ready")).getAsBoolean();
      } catch (IOException e) {
        return false;
      }
    }

    private String configuration() {
      String files =
          rules.stream().map(file -> quoted(file.toString())).collect(Collectors.joining(", "));
      StringBuilder yaml = new StringBuilder("""
          global:
            scrape_interval: %1$s
            scrape_timeout: %1$s
            evaluation_interval: %2$s
          rule_files: [%3$s]
          alerting:
            alertmanagers:
              - static_configs:
                  - targets: %4$s
          scrape_configs:
          """.formatted(
              millis(scrapeInterval), millis(evaluationInterval), files, list(alertmanagers)));
      jobs.forEach((job, targets) -> yaml.append("""
            - job_name: %s
              static_configs:
                - targets: %s
          """.formatted(quoted(job), list(targets))));
      return yaml.toString();
    }

    private static String list(List<String> texts) {
      return texts.stream().map(Builder::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String quoted(String text) {
      return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String millis(Duration interval) {
      return interval.toMillis() + "ms";
    }

    private static Duration positive(String property, Duration interval) {
      if (interval.toMillis() < 1) {
        throw new IllegalArgumentException(
            property + ": " + interval + " (expected: at least 1 ms)");
      }
      return interval;
    }
  }
}
