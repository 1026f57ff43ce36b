package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Consul, one agent that is its own only server: HTTP and DNS on 127.0.0.1, without gRPC.
 *
 * <p>Made for 1.8.7 (MPL-2.0), which the last stable Debian with a Consul has, bullseye. No Maven artifact carries it: the program is what
 * the system property {@code msk.consul} or the variable {@code MSK_CONSUL} names, else {@code consul} on the PATH, else what {@code
 * .ci/debian-package} unpacked; {@link #missing()} says whether it is there. By default it keeps everything in memory: after {@link
 * #kill()} and {@link #restart()} it is empty, and its index begins again. A start takes about 0.3 s. Thread-safe.
 */
public final class ConsulServer extends AbstractServer {
  private static final String TOKEN_HEADER = "X-Consul-Token";
  private static final Pattern SECRET = Pattern.compile("\"SecretID\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern POLICY = Pattern.compile("\"ID\"\\s*:\\s*\"([^\"]+)\"");

  private final Listeners listeners;
  private final boolean tls;
  private final String token;

  private ConsulServer(
      ChildProcess process,
      TemporaryFolder folder,
      Listeners listeners,
      boolean tls,
      String token) {
    super(process, folder, listeners.http);
    this.listeners = listeners;
    this.tls = tls;
    this.token = token;
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is, and where {@code msk.consul} is said, which is
   *     then what is started or fails
   */
  public static Optional<String> missing() {
    return DebianProgram.CONSUL.search().missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static ConsulServer start() {
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
   * Where its HTTP API is.
   *
   * @return {@code http://127.0.0.1:port}
   */
  public URI httpUri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /**
   * Where the same API is with TLS.
   *
   * @return {@code https://127.0.0.1:port}
   * @throws LocalServerException unless it was started with {@link Builder#tls}
   */
  public URI httpsUri() {
    if (!tls) {
      throw new LocalServerException(name() + ": tls: off (expected: builder().tls(…))");
    }
    return URI.create("https://127.0.0.1:" + listeners.https);
  }

  /**
   * Where it answers DNS queries below {@code consul.}, by UDP and TCP.
   *
   * @return a port of 127.0.0.1
   */
  public int dnsPort() {
    return listeners.dns;
  }

  /**
   * The management token, which may do everything.
   *
   * @return for the header {@code X-Consul-Token}
   * @throws LocalServerException unless it was started with {@link Builder#acl()}
   */
  public String managementToken() {
    if (token.isEmpty()) {
      throw new LocalServerException(name() + ": acl: off (expected: builder().acl())");
    }
    return token;
  }

  /**
   * Makes a token that may do what the rules say and nothing else.
   *
   * @param rules of a policy, in Consul's language, for instance <code>service_prefix "" { policy = "read" }</code>
   * @return for the header {@code X-Consul-Token}
   * @throws LocalServerException unless it was started with {@link Builder#acl()}, or if Consul does not take the rules
   */
  public String newToken(String rules) {
    managementToken();
    String escaped = rules.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    String policy =
        first(POLICY, api("PUT", "/v1/acl/policy", """
            {"Name": "%s", "Rules": "%s"}""".formatted(UUID.randomUUID(), escaped)));
    return first(SECRET, api("PUT", "/v1/acl/token", """
            {"Policies": [{"ID": "%s"}]}""".formatted(policy)));
  }

  /**
   * Asks the HTTP API, with the management token where there are ACLs.
   *
   * @param method of HTTP
   * @param path for example {@code /v1/agent/service/register}
   * @param json what to send; empty sends nothing
   * @return the body of the answer, which may be empty
   * @throws LocalServerException if the answer is not a 2xx; the message has it
   */
  public String api(String method, String path, String json) {
    try {
      return new HttpCall(method, URI.create(httpUri() + path), headers(token), json).answer();
    } catch (IOException e) {
      throw failed(method + " " + path, e);
    }
  }

  private String first(Pattern pattern, String answer) {
    Matcher matcher = pattern.matcher(answer);
    if (!matcher.find()) {
      throw new LocalServerException(name() + ": " + answer + " (expected: " + pattern + ")");
    }
    return matcher.group(1);
  }

  private static Map<String, String> headers(String token) {
    return token.isEmpty() ? Map.of() : Map.of(TOKEN_HEADER, token);
  }

  private record Listeners(int http, int https, int dns, int server, int serf) {
    static Listeners with(int http) {
      int[] others = Ports.free(4, http);
      return new Listeners(http, others[0], others[1], others[2], others[3]);
    }
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final List<String> configurations = new ArrayList<>();
    private final Map<String, Path> tls = new LinkedHashMap<>();
    private String token = "";
    private boolean durable;
    private String name = "consul";
    private int port;

    private Builder() {}

    /**
     * Denies what no token allows. There is one that may do everything, {@link ConsulServer#managementToken()}.
     *
     * @return this
     */
    public Builder acl() {
      token = UUID.randomUUID().toString();
      return this;
    }

    /**
     * Keeps its state on disk, as in production: services, tokens and the index survive {@link ConsulServer#kill()}. A start then takes
     * about 2 s.
     *
     * @return this
     */
    public Builder durable() {
      durable = true;
      return this;
    }

    /**
     * Takes HTTPS beside HTTP, from clients with a certificate. The files are copied.
     *
     * @param certificate of the agent, PEM
     * @param key its private key, PEM
     * @param authorities of clients, PEM
     * @return this
     */
    public Builder tls(Path certificate, Path key, Path authorities) {
      tls.put("server.crt", requireNonNull(certificate, "certificate"));
      tls.put("server.key", requireNonNull(key, "key"));
      tls.put("clients.crt", requireNonNull(authorities, "authorities"));
      return this;
    }

    /**
     * A configuration file of the agent; what is said later wins.
     *
     * @param json for instance <code>{"limits": {"http_max_conns_per_client": 1000}}</code>
     * @return this
     */
    public Builder configuration(String json) {
      configurations.add(requireNonNull(json, "json"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code consul} by default.
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
    public ConsulServer start() {
      Path program = DebianProgram.CONSUL.search().file();
      return ServerStart.of(
          name, port, (number, folder, log) -> start(program, folder, log, Listeners.with(number)));
    }

    private ConsulServer start(Path program, TemporaryFolder folder, Log log, Listeners listeners) {
      // Another agent on the same port has another node.
      String node = folder.path().getFileName().toString();
      Path settings = write(folder.path(), node, listeners);
      List<String> command = new ArrayList<>(List.of(program.toString(), "agent"));
      if (!durable) {
        command.add("-dev");
      }
      command.addAll(List.of("-config-dir", settings.toString()));
      Map<String, String> headers = headers(token);
      URI health = URI.create("http://127.0.0.1:" + listeners.http + "/v1/health/node/" + node);
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .readyWhen(() -> isPassing(health, headers))
          .start();
      return new ConsulServer(process, folder, listeners, !tls.isEmpty(), token);
    }

    /** Whether there is a leader, which knows the node. */
    private static boolean isPassing(URI health, Map<String, String> headers) {
      try {
        return new HttpCall("GET", health, headers, "").answer().contains("\"passing\"");
      } catch (IOException e) {
        return false;
      }
    }

    private Path write(Path folder, String node, Listeners listeners) {
      try {
        Path settings = Files.createDirectories(folder.resolve("settings"));
        Files.writeString(settings.resolve("1-agent.json"), agent(node, listeners));
        if (durable) {
          Files.writeString(settings.resolve("2-durable.json"), durable(folder.resolve("data")));
        }
        if (!token.isEmpty()) {
          Files.writeString(settings.resolve("3-acl.json"), acl(token));
        }
        if (!tls.isEmpty()) {
          Files.writeString(settings.resolve("4-tls.json"), tls(folder, listeners));
        }
        for (int i = 0; i < configurations.size(); i++) {
          String file = String.format("5-%03d.json", i);
          Files.writeString(settings.resolve(file), configurations.get(i));
        }
        return settings;
      } catch (IOException e) {
        throw new LocalServerException(name + ": " + e, e);
      }
    }

    private static String agent(String node, Listeners listeners) {
      return """
          {"node_name": "%s", "bind_addr": "127.0.0.1", "client_addr": "127.0.0.1",
           "ports": {"http": %d, "dns": %d, "server": %d, "serf_lan": %d, "serf_wan": -1, "grpc": -1},
           "log_level": "warn", "disable_update_check": true}
          """.formatted(node, listeners.http, listeners.dns, listeners.server, listeners.serf);
    }

    private static String durable(Path data) {
      return """
          {"server": true, "bootstrap": true, "data_dir": "%s", "performance": {"raft_multiplier": 1}}
          """.formatted(data);
    }

    private static String acl(String token) {
      return """
          {"acl": {"enabled": true, "default_policy": "deny", "tokens": {"master": "%1$s", "agent": "%1$s"}}}
          """.formatted(token);
    }

    private String tls(Path folder, Listeners listeners) throws IOException {
      for (Map.Entry<String, Path> file : tls.entrySet()) {
        Files.write(folder.resolve(file.getKey()), Files.readAllBytes(file.getValue()));
      }
      return """
          {"ports": {"https": %d}, "verify_incoming_https": true,
           "cert_file": "%2$s/server.crt", "key_file": "%2$s/server.key", "ca_file": "%2$s/clients.crt"}
          """.formatted(listeners.https, folder);
    }
  }
}
