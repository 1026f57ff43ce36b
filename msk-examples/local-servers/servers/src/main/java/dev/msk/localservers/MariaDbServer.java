package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * MariaDB 11.4.5 with {@code utf8mb4}, UTC, 200 connections, and without a binary log: what is committed survives {@link #kill()}, not a
 * crash of the machine, since it is not flushed.
 *
 * <p>Its user {@code root} has no password and comes from 127.0.0.1 or through the socket in its folder, which nobody else can open. As
 * root it runs as root. It is heavy: its archive of 149 MB must be in the local Maven repository, where {@code ./mvnw -Pheavy} puts it;
 * {@link #missing()} says whether it is. The first start of a user on a machine unpacks it, which takes 370 MB; a start takes about 1 s.
 * GPL-2.0: it is for tests, and nothing of it is passed on. Thread-safe.
 */
public final class MariaDbServer extends AbstractServer {
  private static final String USER = "root";
  private static final String SYSTEM = "mysql";

  private final AtomicInteger databases = new AtomicInteger();

  private MariaDbServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Why it cannot be started on this machine.
   *
   * @return one line that says what is missing and how to get it; empty if nothing is
   */
  public static Optional<String> missing() {
    return MariaDbDistribution.missing();
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for connections
   * @throws LocalServerException if it did not start; the message names the log, or what is missing
   */
  public static MariaDbServer start() {
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
   * The URL of a database, which need not exist yet.
   *
   * @param database name
   * @return for MariaDB's driver, with the user in it
   */
  public String jdbcUrl(String database) {
    requireNonNull(database, "database");
    return "jdbc:mariadb://" + address() + "/" + database + "?user=" + USER;
  }

  /**
   * The administrator.
   *
   * @return {@code root}
   */
  public String username() {
    return USER;
  }

  /**
   * The administrator's password, for pools that want one.
   *
   * @return empty
   */
  public String password() {
    return "";
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
    execute(SYSTEM, "CREATE DATABASE `" + database.replace("`", "``") + "`");
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
   * Runs a statement without a driver.
   *
   * @param database where
   * @param sql one statement; results are thrown away
   * @throws LocalServerException with MariaDB's message
   */
  public void execute(String database, String sql) {
    try (MariaDbWire wire = new MariaDbWire(port(), USER, database)) {
      wire.execute(sql);
    } catch (IOException e) {
      throw failed(sql, e);
    }
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private String name = "mariadb";
    private int port;

    private Builder() {
      settings.put("character_set_server", "utf8mb4");
      settings.put("default_time_zone", "+00:00");
      settings.put("max_connections", "200");
      // It would make a key of its own with each start, for seconds.
      settings.put("ssl", "0");
      settings.put("innodb_buffer_pool_size", "64M");
      // Written with each commit, flushed each second.
      settings.put("innodb_flush_log_at_trx_commit", "2");
    }

    /**
     * A system variable.
     *
     * @param variable for instance {@code innodb_lock_wait_timeout}
     * @param value for instance {@code 1}
     * @return this
     */
    public Builder setting(String variable, String value) {
      settings.put(requireNonNull(variable, "variable"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code mariadb} by default.
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
     * @throws LocalServerException if it did not start; the message names the log, or what is missing
     */
    public MariaDbServer start() {
      Path distribution = MariaDbDistribution.folder();
      return ServerStart.of(
          name,
          port,
          (folder, log) -> {
            MariaDbDistribution.copyData(distribution, folder.path().resolve("data"));
            Files.createDirectory(folder.path().resolve("tmp"));
          },
          (number, folder, log) -> start(distribution, number, folder, log));
    }

    private MariaDbServer start(Path distribution, int number, TemporaryFolder folder, Log log) {
      Path data = folder.path().resolve("data");
      List<String> command = MariaDbDistribution.command(distribution, data);
      command.add("--bind_address=127.0.0.1");
      command.add("--port=" + number);
      command.add("--socket=" + folder.path().resolve("mariadb.sock"));
      command.add("--pid_file=" + folder.path().resolve("mariadb.pid"));
      command.add("--tmpdir=" + folder.path().resolve("tmp"));
      // Who comes from 127.0.0.1 comes from there, whatever it is called.
      command.add("--skip_name_resolve");
      settings.forEach((variable, value) -> command.add("--" + variable + "=" + value));
      ChildProcess process = ChildProcess.builder(name)
          .command(command.toArray(String[]::new))
          .folder(folder)
          .logTo(log)
          .startTimeout(Duration.ofSeconds(60))
          .readyWhen(() -> answers(number, data))
          .start();
      return new MariaDbServer(process, folder, number);
    }

    /** Whether the server of our data folder answers, and not a stranger on the same port. */
    private static boolean answers(int number, Path data) {
      try (MariaDbWire wire = new MariaDbWire(number, USER, SYSTEM)) {
        wire.execute("BEGIN NOT ATOMIC IF @@datadir <> '" + data
            + "/' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another server'; END IF; END");
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
