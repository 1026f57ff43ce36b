package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.KeyMaterial;
import dev.msk.security.internal.LiveTrust;
import dev.msk.security.internal.PemFiles;
import dev.msk.security.internal.TlsGeneration;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS identity of this process and whom it trusts, from PEM files that may be exchanged while it runs.
 *
 * <p><b>Guarantee.</b> A set of files is published only if the key is that of the certificate, an authority of the bundle
 * vouches for the certificate, and it is valid now. Else the set of before stays, and the reason is logged once. Each set
 * that is published is a new generation with new contexts, so that no session of an older one is resumed.
 *
 * <p>Connections are TLS 1.3, or 1.2 with ECDHE and AEAD. Servers require a certificate of each client. A client knows its
 * server by the SPIFFE id that {@link Builder#peerIds} expects, or else by the name of the host. When this process has a
 * SPIFFE id, no peer with one of another trust domain is accepted.
 *
 * <p><b>Trust that is taken away.</b> When an authority has left the bundle, a server's connections with clients that it vouched for
 * carry nothing more: the next bytes end them, whichever server it is that uses engines of these contexts. Resumed sessions and new
 * connections are refused too. A client's own connections with servers stay as they are: {@link
 * dev.msk.security.http.LiveHttpClient} and {@code GrpcTls.follow} use them no more, whoever keeps others compares {@link
 * #generation()}. Clients whose authority has stayed notice nothing.
 *
 * <p>Certificates are not checked for revocation, and one that expires while its connection is open ends nothing; make them
 * short-lived.
 *
 * <p>Thread-safe. Has no thread; it is polled on the scheduler that it is given.
 */
public final class TlsIdentity implements TlsSource, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);

  private final Settings settings;
  private final Map<Object, Runnable> listeners = new ConcurrentHashMap<>();
  private final ReentrantLock reloading = new ReentrantLock();
  private volatile TlsGeneration current;
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task nextPoll;
  private final LiveTrust trust;
  private String lastRefusal = "";

  private TlsIdentity(Settings settings, TlsGeneration first) {
    this.settings = settings;
    this.current = first;
    this.trust = new PresentTrust(() -> current, settings.peerIds, settings.events);
  }

  /**
   * An identity from a folder as Kubernetes mounts a TLS secret: {@code tls.key}, {@code tls.crt} and {@code ca.crt}. It is
   * read once, and again with each {@link #reload()}; servers are known by their host names.
   *
   * @param folder with the three files
   * @return a builder with these defaults
   */
  public static Builder builder(Path folder) {
    return builder(folder.resolve("tls.key"), folder.resolve("tls.crt"), folder.resolve("ca.crt"));
  }

  /**
   * An identity from three files, with the defaults of {@link #builder(Path)}.
   *
   * @param key the private key, PKCS #8 in PEM, not encrypted; RSA, EC or Ed25519
   * @param chain the certificate, then those that lead to an authority
   * @param bundle certificates of the authorities that are trusted
   * @return a builder
   */
  public static Builder builder(Path key, Path chain, Path bundle) {
    return new Builder(
        requireNonNull(key, "key"),
        requireNonNull(chain, "chain"),
        requireNonNull(bundle, "bundle"));
  }

  @Override
  public SSLContext context(String peer) {
    requireNonNull(peer, "peer");
    return current.context(peer, settings.peerIds, trust).context();
  }

  @Override
  public long generation() {
    return current.number();
  }

  @Override
  public Registration onChange(Runnable listener) {
    requireNonNull(listener, "listener");
    Object registration = new Object();
    listeners.put(registration, listener);
    return () -> listeners.remove(registration);
  }

  /**
   * What is published now.
   *
   * @return certificates and generation of the moment
   */
  public Snapshot snapshot() {
    return snapshot(current);
  }

  /**
   * Reads the files again and publishes them if they hold something new that may be used. Reads files, and so may block for
   * as long as that takes; calls listeners on this thread.
   *
   * @return what came of it
   */
  public Reload reload() {
    Reload outcome;
    reloading.lock();
    try {
      outcome = attempt();
    } finally {
      reloading.unlock();
    }
    if (outcome instanceof Reload.Published) {
      listeners.values().forEach(TlsIdentity::tell);
    }
    return outcome;
  }

  /** Polls no more; contexts go on working. Idempotent. */
  @Override
  public void close() {
    closed = true;
    Scheduler.Task task = nextPoll;
    if (task != null) {
      task.cancel();
    }
  }

  private Reload attempt() {
    long before = current.number();
    try {
      PemFiles files = settings.read();
      boolean same = files.sameAs(current.files());
      if (!same) {
        current = TlsGeneration.of(before + 1, files, settings.clock.instant());
        log.info("Published TLS identity {}, generation {}", current.material(), before + 1);
        settings.events.emit(TlsEvents.published(current));
      }
      lastRefusal = "";
      return same ? new Reload.Unchanged() : new Reload.Published(before + 1);
    } catch (IOException | GeneralSecurityException e) {
      String reason = reason(e);
      if (!reason.equals(lastRefusal)) {
        lastRefusal = reason;
        log.warn("TLS identity is not published, generation {} stays: {}", before, reason);
        settings.events.emit(TlsEvents.refused(before, reason));
      }
      return new Reload.Refused(reason);
    }
  }

  private void schedulePoll(Scheduler scheduler, Duration interval) {
    try {
      nextPoll = scheduler.schedule(interval, () -> {
        try {
          var unused = reload();
        } finally {
          if (!closed) {
            schedulePoll(scheduler, interval);
          }
        }
      });
    } catch (RejectedExecutionException e) {
      log.info("TLS identity is polled no more: its scheduler has stopped");
    }
    if (closed) {
      close();
    }
  }

  private static Snapshot snapshot(TlsGeneration generation) {
    KeyMaterial material = generation.material();
    return new Snapshot(generation.number(), material.chain(), material.authorities());
  }

  private static String reason(Exception e) {
    return e instanceof IOException ? "files: " + e : String.valueOf(e.getMessage());
  }

  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      log.error("Listener of a TLS identity failed", e);
    }
  }

  /**
   * A published set.
   *
   * @param generation grows with each
   * @param chain the certificate of this process, then those that lead to an authority
   * @param authorities that are trusted
   */
  public record Snapshot(
      long generation, List<X509Certificate> chain, List<X509Certificate> authorities) {

    /**
     * Keeps copies.
     *
     * @param generation grows with each
     * @param chain the certificate of this process first
     * @param authorities that are trusted
     */
    public Snapshot {
      chain = List.copyOf(chain);
      authorities = List.copyOf(authorities);
    }

    /**
     * The SPIFFE id of this process.
     *
     * @return the id in its certificate, if it has one
     */
    public Optional<SpiffeId> spiffeId() {
      return SpiffeId.of(chain.get(0));
    }

    /**
     * When the certificate of this process expires.
     *
     * @return its end
     */
    public Instant expiresAt() {
      return chain.get(0).getNotAfter().toInstant();
    }
  }

  /** What came of a reload. */
  public sealed interface Reload {

    /**
     * New files are in force.
     *
     * @param generation theirs
     */
    record Published(long generation) implements Reload {}

    /** The files are those that are in force. */
    record Unchanged() implements Reload {}

    /**
     * The files must not be used; those of before stay in force.
     *
     * @param reason why
     */
    record Refused(String reason) implements Reload {}
  }

  private record Settings(
      Path key,
      Path chain,
      Path bundle,
      InstantSource clock,
      SecurityEvents events,
      Optional<Function<String, SpiffeId>> peerIds) {

    PemFiles read() throws IOException {
      return PemFiles.read(key, chain, bundle);
    }
  }

  /** Builds a {@link TlsIdentity}. Confined to one thread. */
  public static final class Builder {

    private final Path key;
    private final Path chain;
    private final Path bundle;
    private InstantSource clock = InstantSource.system();
    private SecurityEvents events = SecurityEvents.none();
    private @Nullable Function<String, SpiffeId> peerIds;
    private @Nullable Scheduler scheduler;
    private Duration interval = Duration.ofSeconds(10);

    private Builder(Path key, Path chain, Path bundle) {
      this.key = key;
      this.chain = chain;
      this.bundle = bundle;
    }

    /**
     * Knows servers by SPIFFE ids instead of host names.
     *
     * @param peerIds the id that a peer must have when it is the server, by the name given to {@link TlsIdentity#context}, for example
     *     {@code peer -> new SpiffeId("shop.example", "/" + peer)}
     * @return this
     */
    public Builder peerIds(Function<String, SpiffeId> peerIds) {
      this.peerIds = requireNonNull(peerIds, "peerIds");
      return this;
    }

    /**
     * Reads the files again and again.
     *
     * @param scheduler runs {@link TlsIdentity#reload()}; stays yours; not polled by default
     * @param interval between two readings
     * @return this
     */
    public Builder poll(Scheduler scheduler, Duration interval) {
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.interval = requireNonNull(interval, "interval");
      return this;
    }

    /**
     * Tells the time that certificates are compared with.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Tells of sets that are published, the first included, and of sets that are refused, once for each reason.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Reads the files for the first time.
     *
     * @return the identity, generation 1
     * @throws IllegalArgumentException if the files must not be used or a setting is out of bounds; names all of it
     */
    public TlsIdentity build() {
      List<String> faults = new ArrayList<>();
      if (interval.isZero() || interval.isNegative()) {
        faults.add("interval: " + interval + " (expected: more than zero)");
      }
      Settings settings =
          new Settings(key, chain, bundle, clock, events, Optional.ofNullable(peerIds));
      TlsGeneration first = null;
      try {
        first = TlsGeneration.of(1, settings.read(), clock.instant());
      } catch (IOException | GeneralSecurityException e) {
        faults.add(reason(e) + " (expected: key, chain and bundle that belong together in " + key
            + ", " + chain + ", " + bundle + ")");
      }
      if (first == null || !faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      events.emit(TlsEvents.published(first));
      TlsIdentity identity = new TlsIdentity(settings, first);
      if (scheduler != null) {
        identity.schedulePoll(scheduler, interval);
      }
      return identity;
    }
  }
}
