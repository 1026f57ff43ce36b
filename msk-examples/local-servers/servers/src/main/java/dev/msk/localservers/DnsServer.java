package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * An authoritative name server on dnsjava, in a JVM of its own, by UDP and TCP on one port, whose records change and which breaks on
 * command.
 *
 * <p>One zone, {@code test} by default; names outside of it are refused. It answers NXDOMAIN and empty answers as RFC 2308 and RFC 8020
 * say, and sets TC where an answer by UDP is longer than 512 bytes, or than what the client offers by EDNS, at most 1232. There are no
 * wildcards, delegations and transfers. What a method changed holds for each query that is sent after its return. Records survive {@link
 * #kill()}; faults end with {@link #restart()}. A start takes about 0.2 s. Thread-safe.
 */
public final class DnsServer extends AbstractServer {
  private static final String LAUNCHER = "local-servers-dns";
  private static final String MAIN = "dev.msk.localservers.dns.RunDns";
  private static final String ZONE = "zone";
  private static final String FAULTS = "faults";

  private final DnsZone zone;
  private final Path zoneFile;
  private final Path faultsFile;

  private DnsServer(ChildProcess process, TemporaryFolder folder, int port, DnsZone zone) {
    super(process, folder, port);
    this.zone = zone;
    zoneFile = folder.path().resolve(ZONE);
    faultsFile = folder.path().resolve(FAULTS);
  }

  /** The types that it can have records of. A value has the form of a master file, names being absolute. */
  public enum RecordType {
    /** An IPv4 address. */
    A,
    /** An IPv6 address. */
    AAAA,
    /** The name that this one is an alias of. */
    CNAME,
    /** Priority, weight, port and target, for instance {@code 0 10 8443 a.orders.test} (RFC 2782). */
    SRV
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients, without records but those of the zone itself
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static DnsServer start() {
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
   * Puts records in the place of those of that name and type.
   *
   * @param name in the zone, for instance {@code _grpc._tcp.orders.test}
   * @param type of all values
   * @param ttl how long clients may keep them: whole seconds, 0 or more
   * @param values at least one, in the order in which they are answered
   * @throws IllegalArgumentException if one of them is none; the message names it
   */
  public synchronized void put(String name, RecordType type, Duration ttl, String... values) {
    zone.put(name, type, ttl, values);
    replace(zoneFile, zone.text());
  }

  /**
   * Removes the records of a name and type, which may not be there. A name without records of any type does not exist.
   *
   * @param name in the zone
   * @param type the others stay
   */
  public synchronized void remove(String name, RecordType type) {
    zone.remove(name, type);
    replace(zoneFile, zone.text());
  }

  /** Removes all records. */
  public synchronized void clear() {
    zone.clear();
    replace(zoneFile, zone.text());
  }

  /** Answers nothing: clients time out. */
  public synchronized void silence() {
    misbehave("SILENCE", delayMillis());
  }

  /** Answers each query with SERVFAIL. */
  public synchronized void servfail() {
    misbehave("SERVFAIL", delayMillis());
  }

  /** Answers each query with its id and then bytes that are no message. */
  public synchronized void garbage() {
    misbehave("GARBAGE", delayMillis());
  }

  /**
   * Holds each answer back for so long, whatever it is; zero ends that.
   *
   * @param time not negative, in milliseconds
   */
  public synchronized void delay(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("time: " + time + " (expected: >= 0)");
    }
    misbehave(faults()[0], String.valueOf(time.toMillis()));
  }

  /** Ends all faults. */
  public synchronized void restore() {
    misbehave("NONE", "0");
  }

  /**
   * How many queries it got, answered or not, those before a restart included.
   *
   * @param name as asked, in any case
   * @param type as asked
   * @return by UDP and TCP together
   */
  public long queries(String name, RecordType type) {
    String question = " " + DnsZone.name("name", name) + " " + type;
    try (Stream<String> lines = Files.lines(logFile())) {
      return lines
          .filter(
              line -> line.equals("query udp" + question) || line.equals("query tcp" + question))
          .count();
    } catch (IOException e) {
      throw failed("queries", e);
    }
  }

  private void misbehave(String kind, String millis) {
    replace(faultsFile, kind + " " + millis);
  }

  private String delayMillis() {
    return faults()[1];
  }

  /** Kind and milliseconds as the server has them: it forgets them with a restart. */
  private String[] faults() {
    try {
      return Files.readString(faultsFile).split(" ");
    } catch (NoSuchFileException e) {
      return new String[] {"NONE", "0"};
    } catch (IOException e) {
      throw failed(FAULTS, e);
    }
  }

  /** At once: the server reads it with each query. */
  private void replace(Path file, String text) {
    try {
      Path part = Files.writeString(file.resolveSibling(file.getFileName() + ".part"), text);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failed(file.getFileName().toString(), e);
    }
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private String origin = "test.";
    private long negativeSeconds = 1;
    private String name = "dns";
    private int port;

    private Builder() {}

    /**
     * The zone; {@code test} by default, which RFC 6761 keeps free for tests.
     *
     * @param name all names end so
     * @return this
     * @throws IllegalArgumentException if it is no name
     */
    public Builder zone(String name) {
      origin = DnsZone.name("zone", name);
      return this;
    }

    /**
     * How long clients may keep that there is nothing; 1 s by default.
     *
     * @param ttl whole seconds, 0 or more
     * @return this
     * @throws IllegalArgumentException if it has a fraction, or is negative
     */
    public Builder negativeTtl(Duration ttl) {
      negativeSeconds = DnsZone.seconds("ttl", ttl);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code dns} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The port of UDP and TCP; a random one by default.
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
    public DnsServer start() {
      DnsZone zone = new DnsZone(origin, negativeSeconds);
      return ServerStart.of(
          name,
          port,
          (folder, log) -> Files.writeString(folder.path().resolve(ZONE), zone.text()),
          (number, folder, log) -> start(zone, number, folder, log));
    }

    private DnsServer start(DnsZone zone, int number, TemporaryFolder folder, Log log) {
      // The line says that this very process has the port, the probe that it answers.
      ChildProcess process = ChildProcess.builder(name)
          .main(MAIN, String.valueOf(number), folder.path().toString())
          .jvmArgs("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
          .classPath(ClassPath.ofLauncher(LAUNCHER))
          .folder(folder)
          .logTo(log)
          .readyWhenLog(line -> line.equals("listening on " + number))
          .readyWhen(new DnsProbe(number, zone.origin()))
          .start();
      return new DnsServer(process, folder, number, zone);
    }
  }
}
