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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keycloak 26.7, an identity provider at which users log in, in a JVM of its own.
 *
 * <p>Plain HTTP on 127.0.0.1, one node, its data in an H2 file, so that they survive {@link #kill()}. It is heavy: its archive of 177 MB
 * must be in the local Maven repository, where {@code ./mvnw -Pheavy} puts it; {@link #missing()} says whether it is. A start takes about
 * 18 s, the first one of a user and version half a minute more. Thread-safe.
 */
public final class KeycloakServer extends AbstractServer {
  static final Duration START_TIMEOUT = Duration.ofSeconds(180);

  private static final String ADMIN = "admin";
  private static final Pattern TOKEN = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"");

  private final String password;

  private KeycloakServer(ChildProcess process, TemporaryFolder folder, int port, String password) {
    super(process, folder, port);
    this.password = password;
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is
   */
  public static Optional<String> missing() {
    return KeycloakDistribution.missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients, with no realm but {@code master}
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static KeycloakServer start() {
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
   * The issuer of a realm's tokens.
   *
   * @param realm its name
   * @return {@code http://127.0.0.1:port/realms/realm}
   */
  public String issuer(String realm) {
    return url() + "/realms/" + realm;
  }

  /**
   * Makes a realm.
   *
   * @param json as Keycloak exports realms: clients, users, client scopes and all
   * @throws LocalServerException if Keycloak does not take it; the message has its answer
   */
  public void createRealm(String json) {
    admin("POST", "", json);
  }

  /**
   * Asks the Admin REST API, as the administrator.
   *
   * @param method of HTTP
   * @param path below {@code /admin/realms}, for example {@code /shop/components}
   * @param json what to send; empty sends nothing
   * @return the body of the answer, which may be empty
   * @throws LocalServerException if the answer is not a 2xx; the message has it
   */
  public String admin(String method, String path, String json) {
    try {
      String form = "grant_type=password&client_id=admin-cli&username=" + ADMIN + "&password="
          + URLEncoder.encode(password, StandardCharsets.UTF_8);
      String answer = new HttpCall(
              "POST",
              URI.create(issuer("master") + "/protocol/openid-connect/token"),
              Map.of("Content-Type", "application/x-www-form-urlencoded"),
              form)
          .answer();
      Matcher token = TOKEN.matcher(answer);
      if (!token.find()) {
        throw new IOException("no token for the administrator");
      }
      return new HttpCall(
              method,
              URI.create(url() + "/admin/realms" + path),
              Map.of(
                  "Content-Type", "application/json", "Authorization", "Bearer " + token.group(1)),
              json)
          .answer();
    } catch (IOException e) {
      throw failed(method + " /admin/realms" + path, e);
    }
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final List<String> realms = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private List<String> jvmArguments =
        List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "keycloak";
    private int port;

    private Builder() {}

    /**
     * Imports a realm with the first start.
     *
     * @param json as Keycloak exports realms; adds to earlier ones
     * @return this
     */
    public Builder realm(String json) {
      realms.add(requireNonNull(json, "json"));
      return this;
    }

    /**
     * An option of {@code kc.sh start}; those of {@code kc.sh build} are fixed.
     *
     * @param option for instance {@code log-level}
     * @param value for instance {@code debug}
     * @return this
     */
    public Builder setting(String option, String value) {
      options.add("--" + requireNonNull(option, "option") + "=" + requireNonNull(value, "value"));
      return this;
    }

    /**
     * Arguments of its JVM, instead of 512 MB, the serial collector and C1 alone.
     *
     * @param args for instance {@code -Xmx1g}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code keycloak} by default.
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
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public KeycloakServer start() {
      Path distribution = KeycloakDistribution.folder();
      String password = UUID.randomUUID().toString();
      return ServerStart.of(
          name,
          port,
          (folder, log) -> home(folder.path(), distribution),
          (number, folder, log) -> start(password, number, folder, log));
    }

    /** Keycloak's home: the programs are those of all, the data our own. */
    private void home(Path home, Path distribution) throws IOException {
      for (String shared : List.of("lib", "conf", "providers", "themes")) {
        Files.createSymbolicLink(home.resolve(shared), distribution.resolve(shared));
      }
      Files.createDirectories(home.resolve("tmp"));
      Path imports = Files.createDirectories(home.resolve("data").resolve("import"));
      for (String realm : realms) {
        Files.writeString(imports.resolve("realm-" + realms.indexOf(realm) + ".json"), realm);
      }
    }

    private KeycloakServer start(String password, int number, TemporaryFolder folder, Log log) {
      Path home = folder.path();
      List<String> jvm = new ArrayList<>(jvmArguments);
      jvm.addAll(KeycloakDistribution.jvmArguments(home));
      jvm.add("-Djava.io.tmpdir=" + home.resolve("tmp"));
      // The line says that this very process has the port, the probe that it answers.
      ChildProcess process = ChildProcess.builder(name)
          .main(KeycloakDistribution.MAIN, arguments(home, number))
          .jvmArgs(jvm.toArray(String[]::new))
          .classPath(KeycloakDistribution.classPath(home))
          .env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN)
          .env("KC_BOOTSTRAP_ADMIN_PASSWORD", password)
          .folder(folder)
          .logTo(log)
          .startTimeout(START_TIMEOUT)
          .readyWhenLog(line -> line.contains("Listening on: " + url(number)))
          .readyWhenHttp(URI.create(url(number) + "/realms/master"))
          .start();
      return new KeycloakServer(process, folder, number, password);
    }

    private String[] arguments(Path home, int number) {
      List<String> arguments = new ArrayList<>(List.of("start", "--optimized", "--import-realm"));
      arguments.add("--http-enabled=true");
      arguments.add("--http-host=127.0.0.1");
      arguments.add("--http-port=" + number);
      arguments.add("--hostname=" + url(number));
      // Alone: no JGroups, which listens on all interfaces and looks for others in the database.
      arguments.add("--cache=local");
      // No AUTO_SERVER, which listens for others; and each commit is in the file.
      arguments.add(
          "--db-url=jdbc:h2:file:" + home.resolve("data").resolve("h2").resolve("keycloakdb")
              + ";NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0");
      arguments.addAll(options);
      return arguments.toArray(String[]::new);
    }
  }
}
