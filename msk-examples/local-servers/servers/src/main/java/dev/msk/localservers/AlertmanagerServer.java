package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Prometheus's Alertmanager, which groups alerts and tells a webhook: one server on 127.0.0.1, without a cluster.
 *
 * <p>Made for 0.25 (Apache-2.0), which Debian bookworm has. No Maven artifact carries it: the program is what the system property
 * {@code msk.alertmanager} or the variable {@code MSK_ALERTMANAGER} names, else {@code prometheus-alertmanager} or {@code
 * alertmanager} on the PATH, else what {@code .ci/debian-package} unpacked; {@link #missing()} says whether it is there. It keeps
 * alerts in memory and writes silences down when it ends: after {@link #kill()} and {@link #restart()} it is empty, and Prometheus
 * tells it again what fires. A start takes about 0.3 s. Thread-safe.
 */
public final class AlertmanagerServer extends AbstractServer {
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
  private static final String CONFIGURATION = "alertmanager.yml";

  private AlertmanagerServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.alertmanager} is said, which
   *     is then what is started or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.ALERTMANAGER.search().missing();
  }

  /**
   * A builder with the defaults.
   *
   * @param webhook whom it tells, by a POST with JSON of version 4 of its webhooks
   * @return to change them
   */
  public static Builder builder(URI webhook) {
    return new Builder(webhook);
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
   * The alerts that it knows and that have not ended.
   *
   * @return JSON, as {@code /api/v2/alerts} answers
   */
  public String alerts() {
    return api("GET", "/api/v2/alerts", "");
  }

  /**
   * Asks its HTTP API.
   *
   * @param method of HTTP
   * @param path for example {@code /api/v2/silences}
   * @param json what to send; empty sends nothing
   * @return the body of the answer, which may be empty
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
    private static final Path INSTALLED = Path.of("/usr/share");
    private static final String OVERLAY = "mount --bind \"$0\" " + INSTALLED + " && exec \"$@\"";

    private final URI webhook;
    private Duration groupWait = Duration.ofMillis(100);
    private Duration groupInterval = Duration.ofSeconds(1);
    private Duration repeatInterval = Duration.ofHours(4);
    private String name = "alertmanager";
    private int port;

    private Builder(URI webhook) {
      this.webhook = requireNonNull(webhook, "webhook");
    }

    /**
     * How long the first alert of a group, those of one name, waits for others; 100 ms by default.
     *
     * @param time at least 1 ms
     * @return this
     */
    public Builder groupWait(Duration time) {
      groupWait = positive("groupWait", time);
      return this;
    }

    /**
     * How soon it tells what has changed in a group, the end of alerts included; 1 s by default.
     *
     * @param time at least 1 ms
     * @return this
     */
    public Builder groupInterval(Duration time) {
      groupInterval = positive("groupInterval", time);
      return this;
    }

    /**
     * How soon it tells again what has not changed; 4 h by default.
     *
     * @param time at least 1 ms
     * @return this
     */
    public Builder repeatInterval(Duration time) {
      repeatInterval = positive("repeatInterval", time);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code alertmanager} by default.
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
     * @return ready for alerts
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public AlertmanagerServer start() {
      Path program = DebianProgram.ALERTMANAGER.search().file();
      return ServerStart.of(
          name,
          port,
          (folder, log) ->
              Files.writeString(folder.path().resolve(CONFIGURATION), configuration(folder.path())),
          (number, folder, log) -> start(program, number, folder, log));
    }

    private AlertmanagerServer start(Path program, int number, TemporaryFolder folder, Log log) {
      List<String> command = command(program);
      command.add("--config.file=" + folder.path().resolve(CONFIGURATION));
      command.add("--storage.path=" + folder.path().resolve("state"));
      command.add("--web.listen-address=127.0.0.1:" + number);
      // Empty: no cluster, which would listen on all interfaces.
      command.add("--cluster.listen-address=");
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .readyWhen(() -> isReady(url(number), folder.path()))
          .start();
      return new AlertmanagerServer(process, folder, number);
    }

    /**
     * Debian's reads its templates from {@code /usr/share}. One that is unpacked elsewhere sees its package's own folder there, and
     * nobody else does.
     */
    private static List<String> command(Path program) {
      Path share = program.resolveSibling("../share").normalize();
      List<String> command = new ArrayList<>();
      if (Files.isDirectory(share.resolve("prometheus/alertmanager")) && !share.equals(INSTALLED)) {
        command.addAll(List.of("unshare", "-rm", "sh", "-c", OVERLAY, share.toString()));
      }
      command.add(program.toString());
      return command;
    }

    /** Whether it takes alerts, and is the one with our configuration, not a stranger on the same port. */
    private static boolean isReady(URI url, Path folder) {
      try {
        String status =
            new HttpCall("GET", URI.create(url + "/api/v2/status"), Map.of(), "").answer();
        return status.contains(folder.toString())
            && new HttpProbe(URI.create(url + "/-/ready")).getAsBoolean();
      } catch (IOException e) {
        return false;
      }
    }

    /** The templates are none; their folder tells this server from others. */
    private String configuration(Path folder) {
      return """
          route:
            receiver: webhook
            group_by: [alertname]
            group_wait: %s
            group_interval: %s
            repeat_interval: %s
          receivers:
            - name: webhook
              webhook_configs:
                - url: "%s"
                  send_resolved: true
          templates: ["%s/*.tmpl"]
          """.formatted(
              millis(groupWait), millis(groupInterval), millis(repeatInterval), webhook, folder);
    }

    private static String millis(Duration time) {
      return time.toMillis() + "ms";
    }

    private static Duration positive(String property, Duration time) {
      if (time.toMillis() < 1) {
        throw new IllegalArgumentException(property + ": " + time + " (expected: at least 1 ms)");
      }
      return time;
    }
  }
}
