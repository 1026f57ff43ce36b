package dev.msk.core.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.internal.LeaseSql;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Leases on names, kept in a table: at most one owner holds a name at a time, and every holding has an epoch that is greater
 * than all before it.
 *
 * <p>Only the database's clock decides whether a lease has expired; the clocks of the processes are never compared. A process
 * learns from its own monotonic clock, started before the database was asked, when to stop ({@link Lease#isExpired()}). Since
 * any process can be paused for any time, a lease alone protects nothing: fence the writes ({@link Lease#fence}).
 *
 * <p>Nothing here waits for another owner: names that are busy are skipped. Every call takes a connection of its own from the
 * data source and is one transaction. <b>Crashes:</b> a process that dies holds its leases until they expire, or until a process
 * with the same owner acquires them, which it may at once. A call that ends in a {@link DatabaseException} with
 * {@link DatabaseException#outcomeUnknown()} may have taken effect: what it may have acquired expires by itself.
 *
 * <p>On PostgreSQL and H2, with a default isolation above read committed, a call may fail with SQLSTATE 40001 (H2: 90131 as well) under
 * contention; it left nothing behind and can be repeated. MySQL and MariaDB are told to read committed. A call waits for the
 * database as long as the driver does: give the driver a socket timeout below the time to live. On a data source with one
 * connection, do not call it from within a transaction.
 *
 * <p>On MySQL, MariaDB and H2 rows of names that are new are committed before they are acquired, so that a crash in between leaves
 * names that nobody holds; two calls that create the same name, or renew and acquire it, wait for one another. On H2 fenced
 * transactions of one lease run one after the other. Several writing nodes of a Galera cluster, or of a group, are not for
 * leases: they find out about one another's locks at the commit.
 *
 * <p>No thread, no cache. Thread-safe. The table is that of {@link CoreSchema}.
 */
public final class Leases {

  /** The longest name and the longest owner, in characters. */
  public static final int MAX_LENGTH = 200;

  /** The most leases that {@link #list} returns. */
  public static final int MAX_LISTED = 10_000;

  private final Transactor transactor;
  private final LeaseSql sql;
  private final String owner;
  private final Duration ttl;
  private final Ticker ticker;

  private Leases(Builder builder) {
    this.transactor = Transactor.of(builder.dataSource);
    this.sql = LeaseSql.of(builder.names);
    this.owner = builder.owner;
    this.ttl = builder.ttl;
    this.ticker = builder.ticker;
  }

  /**
   * Starts leases with {@link TableNames#defaults()}, a time to live of 10 s and the system's ticker.
   *
   * @param dataSource gives a connection for each call; it stays the caller's
   * @param owner who acquires: unique among processes that live at the same time, 1 to {@value #MAX_LENGTH} characters
   * @return a builder
   * @throws IllegalArgumentException if the owner is out of bounds
   */
  public static Builder builder(DataSource dataSource, String owner) {
    return new Builder(dataSource, owner);
  }

  /**
   * Who acquires.
   *
   * @return the owner
   */
  public String owner() {
    return owner;
  }

  /**
   * How long a lease lasts after it was acquired or renewed.
   *
   * @return the time to live
   */
  public Duration ttl() {
    return ttl;
  }

  /**
   * Acquires a name if it is free: never held, released, expired, or held by this very owner, whose earlier lease then ends.
   *
   * @param name 1 to {@value #MAX_LENGTH} characters
   * @return the lease, with a new epoch; empty if another owner holds the name, or a transaction fences it
   * @throws IllegalArgumentException if the name is out of bounds
   * @throws DatabaseException if the database failed
   */
  public Optional<Lease> tryAcquire(String name) {
    List<Lease> acquired = tryAcquire(List.of(name), 1);
    return acquired.isEmpty() ? Optional.empty() : Optional.of(acquired.get(0));
  }

  /**
   * Acquires some of several names, those that are free, the first ones first.
   *
   * @param names which; leave out those that are held already, they would be acquired anew. At most 10 000
   * @param atMost how many, at least 0
   * @return the leases, in no particular order, each with a new epoch
   * @throws IllegalArgumentException if a name or a number is out of bounds
   * @throws DatabaseException if the database failed
   */
  public List<Lease> tryAcquire(Collection<String> names, int atMost) {
    List<String> wanted =
        names.stream().distinct().map(name -> bounded("name", name)).toList();
    if (wanted.size() > MAX_LISTED) {
      throw new IllegalArgumentException(
          "names: " + wanted.size() + " (expected: at most " + MAX_LISTED + ")");
    }
    if (atMost < 0) {
      throw new IllegalArgumentException("atMost: " + atMost + " (expected: >= 0)");
    }
    if (wanted.isEmpty() || atMost == 0) {
      return List.of();
    }
    Deadline expiry = Deadline.after(ttl, ticker);
    Map<String, Long> epochs = transactor.call(tx -> sql.acquire(tx, wanted, atMost, owner, ttl));
    return epochs.entrySet().stream()
        .map(won -> new Lease(sql, won.getKey(), owner, won.getValue(), expiry))
        .toList();
  }

  /**
   * Renews leases for another time to live, in one statement. A lease that has expired by the database's clock is lost, even if
   * nobody has taken it: acquire the name again, for a new epoch.
   *
   * @param leases which; leases of other owners are never renewed
   * @return those that are still held, with the same epochs and a new expiry; whoever is missing must stop
   * @throws DatabaseException if the database failed; the leases last as long as they did
   */
  public List<Lease> renew(Collection<Lease> leases) {
    if (leases.isEmpty()) {
      return List.of();
    }
    Deadline expiry = Deadline.after(ttl, ticker);
    Map<String, Long> epochs = epochs(leases);
    Map<String, Long> held = transactor.call(tx -> sql.renew(tx, epochs, owner, ttl));
    return held.entrySet().stream()
        .map(kept -> new Lease(sql, kept.getKey(), owner, kept.getValue(), expiry))
        .toList();
  }

  /**
   * Gives leases back, so that others need not wait for them to expire. The row and its epoch stay. Leases that are no longer
   * held are left alone.
   *
   * @param leases which
   * @throws DatabaseException if the database failed; the leases then expire by themselves
   */
  public void release(Collection<Lease> leases) {
    if (!leases.isEmpty()) {
      Map<String, Long> epochs = epochs(leases);
      transactor.run(tx -> sql.release(tx, epochs, owner));
    }
  }

  /**
   * Lists the names that begin with a prefix, held or not, in the order of their code points.
   *
   * @param prefix how the names begin; empty for all
   * @return what the database says, at most {@value #MAX_LISTED} names
   * @throws DatabaseException if the database failed
   */
  public List<LeaseState> list(String prefix) {
    requireNonNull(prefix, "prefix");
    return transactor.call(tx -> sql.list(tx, prefix, MAX_LISTED));
  }

  /**
   * Deletes the rows of names that nobody has held for a while, so that names which never come back (one per process, say) do not
   * pile up. Epochs stay unique: a name that does come back gets a greater one.
   *
   * @param prefix how the names begin
   * @param idle how long nobody must have held them
   * @return how many rows were deleted, at most {@value #MAX_LISTED} in one call
   * @throws DatabaseException if the database failed
   */
  public int forget(String prefix, Duration idle) {
    requireNonNull(prefix, "prefix");
    requireNonNull(idle, "idle");
    return transactor.call(tx -> sql.forget(tx, prefix, idle, MAX_LISTED));
  }

  private static Map<String, Long> epochs(Collection<Lease> leases) {
    Map<String, Long> epochs = new HashMap<>();
    for (Lease lease : leases) {
      epochs.merge(lease.name(), lease.epoch(), Math::max);
    }
    return epochs;
  }

  private static String bounded(String what, String value) {
    requireNonNull(value, what);
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          what + ": " + value.length() + " characters (expected: 1 to " + MAX_LENGTH + ")");
    }
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + ": contains U+0000 (expected: no such character)");
    }
    return value;
  }

  /** Collects the optional parts. Confined to one thread. */
  public static final class Builder {

    private static final Duration MIN_TTL = Duration.ofMillis(100);
    private static final Duration MAX_TTL = Duration.ofDays(1);

    private final DataSource dataSource;
    private final String owner;
    private TableNames names = TableNames.defaults();
    private Duration ttl = Duration.ofSeconds(10);
    private Ticker ticker = Ticker.system();

    private Builder(DataSource dataSource, String owner) {
      this.dataSource = requireNonNull(dataSource, "dataSource");
      this.owner = bounded("owner", owner);
    }

    /**
     * Sets where the table is; {@link TableNames#defaults()} by default.
     *
     * @param value the names that the schema was installed with
     * @return this
     */
    public Builder names(TableNames value) {
      this.names = requireNonNull(value, "names");
      return this;
    }

    /**
     * Sets how long a lease lasts; 10 s by default. Renew it at a third of that.
     *
     * @param value 100 ms to 1 day
     * @return this
     */
    public Builder ttl(Duration value) {
      this.ttl = requireNonNull(value, "ttl");
      return this;
    }

    /**
     * Sets what measures the time to live in this process; {@link Ticker#system()} by default.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Builds the leases.
     *
     * @return leases
     * @throws IllegalArgumentException if the time to live is out of bounds
     */
    public Leases build() {
      if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
        throw new IllegalArgumentException(
            "ttl: " + ttl + " (expected: " + MIN_TTL + " to " + MAX_TTL + ")");
      }
      return new Leases(this);
    }
  }
}
