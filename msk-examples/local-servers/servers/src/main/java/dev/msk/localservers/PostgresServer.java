package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * PostgreSQL 18.6 with {@code wal_level=logical}, 200 connections, UTF-8, UTC, and {@code
 * fsync=off}: data survive {@link #kill()}, not a crash of the machine.
 *
 * <p>Everybody on 127.0.0.1 is trusted with any password. The first start of a user on a machine
 * unpacks the programs; a start takes about 1 s. As root it runs in an unmapped user namespace, or
 * where that is forbidden as the user 65534. {@link #kill()} and {@link #pause()} hit all its
 * processes. Thread-safe.
 */
public final class PostgresServer extends AbstractServer {
  private static final String USER = "postgres";

  private final AtomicInteger databases = new AtomicInteger();

  private PostgresServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for connections
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static PostgresServer start() {
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
   * The URL of the database that is always there.
   *
   * @return for pgjdbc, with the user in it
   */
  public String jdbcUrl() {
    return jdbcUrl("postgres");
  }

  /**
   * The URL of a database, which need not exist yet.
   *
   * @param database name
   * @return for pgjdbc, with the user in it
   */
  public String jdbcUrl(String database) {
    requireNonNull(database, "database");
    return "jdbc:postgresql://" + address() + "/" + database + "?user=" + USER;
  }

  /**
   * The superuser.
   *
   * @return {@code postgres}
   */
  public String username() {
    return USER;
  }

  /**
   * A password, for pools that want one.
   *
   * @return {@code postgres}
   */
  public String password() {
    return USER;
  }

  /**
   * Creates an empty database.
   *
   * @param database name
   * @return its JDBC URL
   * @throws LocalServerException if it exists already, for instance
   */
  public String createDatabase(String database) {
    requireNonNull(database, "database");
    execute("postgres", "CREATE DATABASE \"" + database.replace("\"", "\"\"") + "\"");
    return jdbcUrl(database);
  }

  /**
   * Creates an empty database with a name that nobody has, for a test that shares the server.
   *
   * @return its JDBC URL
   */
  public String newDatabase() {
    return createDatabase("test_" + databases.incrementAndGet());
  }

  /**
   * Creates a copy of a database, with a name that nobody has: for tests that each want the same tables, whose scripts then run once.
   *
   * @param template to which nobody is connected
   * @return its JDBC URL
   * @throws LocalServerException if somebody is connected to the template, for instance
   */
  public String newDatabaseLike(String template) {
    requireNonNull(template, "template");
    String name = "test_" + databases.incrementAndGet();
    execute(
        "postgres",
        "CREATE DATABASE \"" + name + "\" TEMPLATE \"" + template.replace("\"", "\"\"") + "\"");
    return jdbcUrl(name);
  }

  /**
   * Runs a statement without a driver.
   *
   * @param database where
   * @param sql one or more statements, in one transaction; results are thrown away
   * @throws LocalServerException with PostgreSQL's message
   */
  public void execute(String database, String sql) {
    try (PostgresWire wire = new PostgresWire(port(), USER, database)) {
      wire.execute(sql);
    } catch (IOException e) {
      throw failed(sql, e);
    }
  }

  @Override
  public void close() {
    stop();
    removeSharedMemory();
    super.close();
  }

  /** A killed server leaves 56 bytes of System V memory, which line 7 of its pid file names. */
  private void removeSharedMemory() {
    try {
      Path file = folder().resolve("data/postmaster.pid");
      if (Files.exists(file)) {
        String[] keyAndId = Files.readAllLines(file).get(6).strip().split(" +");
        new ProcessBuilder("ipcrm", "-m", keyAndId[1]).start();
      }
    } catch (IOException | IndexOutOfBoundsException e) {
      // It stays until the machine restarts.
    }
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, Path> tls = new LinkedHashMap<>();
    private String name = "postgres";
    private int port;

    private Builder() {
      settings.put("wal_level", "logical");
      settings.put("max_connections", "200");
      settings.put("fsync", "off");
      settings.put("full_page_writes", "off");
      settings.put("timezone", "UTC");
      settings.put("log_timezone", "UTC");
      // Files in the data folder, not in /dev/shm: nothing is left after kill -9.
      settings.put("dynamic_shared_memory_type", "mmap");
    }

    /**
     * A parameter of postgresql.conf.
     *
     * @param parameter for instance {@code max_replication_slots}
     * @param value for instance {@code 10}
     * @return this
     */
    public Builder setting(String parameter, String value) {
      settings.put(requireNonNull(parameter, "parameter"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Takes TLS connections beside plain ones, and asks their clients for certificates. The files are copied.
     *
     * @param certificate of the server, PEM
     * @param key its private key, PEM
     * @param authorities of clients, PEM
     * @return this
     */
    public Builder tls(Path certificate, Path key, Path authorities) {
      tls.put("server.crt", requireNonNull(certificate, "certificate"));
      tls.put("server.key", requireNonNull(key, "key"));
      tls.put("clients.crt", requireNonNull(authorities, "authorities"));
      settings.put("ssl", "on");
      settings.put("ssl_ca_file", "clients.crt");
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code postgres} by default.
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
     * @return ready for connections
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log
     */
    public PostgresServer start() {
      RunAs user = RunAs.detect("postgres", RunAs.UNMAPPED, RunAs.NOBODY);
      Path bin = PostgresBinaries.folder();
      return ServerStart.of(
          name,
          port,
          (folder, log) -> initialise(user, bin, folder, log),
          (number, folder, log) -> start(user, bin, number, folder, log));
    }

    private void initialise(RunAs user, Path bin, TemporaryFolder folder, Log log)
        throws IOException {
      Path data = Files.createDirectory(folder.path().resolve("data"));
      user.give(data);
      List<String> initdb = user.command(
          bin.resolve("initdb").toString(), "-D", data.toString(), "-U", USER, "-A", "trust");
      initdb.addAll(List.of("-E", "UTF8", "--locale=C", "--locale-provider=builtin"));
      initdb.addAll(List.of("--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"));
      ChildProcess.builder(name + "-initdb")
          .command(initdb.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .run();
      for (Map.Entry<String, Path> file : tls.entrySet()) {
        Path copy = data.resolve(file.getKey());
        Files.copy(file.getValue(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.setOwner(copy, Files.getOwner(data));
      }
    }

    private PostgresServer start(
        RunAs user, Path bin, int number, TemporaryFolder folder, Log log) {
      Path data = folder.path().resolve("data");
      List<String> postgres =
          user.command(bin.resolve("postgres").toString(), "-D", data.toString());
      Map<String, String> all = new LinkedHashMap<>(settings);
      all.put("listen_addresses", "127.0.0.1");
      all.put("unix_socket_directories", "");
      all.put("port", String.valueOf(number));
      all.forEach((key, value) -> postgres.addAll(List.of("-c", key + "=" + value)));
      ChildProcess process = ChildProcess.builder(name)
          .command(postgres.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .tree()
          // Fast shutdown: without waiting for clients.
          .stopSignal("INT")
          // After a kill, until the last process of the server before has gone.
          .passing(line -> line.contains("pre-existing shared memory block"))
          .readyWhen(() -> answers(number, data))
          .start();
      return new PostgresServer(process, folder, number);
    }

    /** Whether the server of our data folder answers, and not a stranger on the same port. */
    private static boolean answers(int number, Path data) {
      try (PostgresWire wire = new PostgresWire(number, USER, "postgres")) {
        wire.execute("DO $$BEGIN IF current_setting('data_directory') <> '"
            + data
            + "' THEN RAISE 'another server'; END IF; END$$");
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
