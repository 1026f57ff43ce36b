package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.LiveTrust;
import dev.msk.security.internal.TlsGeneration;
import dev.msk.security.spi.TlsMaterial;
import dev.msk.security.spi.TlsMaterialSource;
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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS identity of this process and whom it trusts, from PEM files that may be exchanged while it runs, or from a source
 * that brings others by itself: the SPIFFE Workload API ({@link dev.msk.security.spiffe.SpiffeWorkloadApi}), Vault ({@link
 * dev.msk.security.vault.VaultPki}).
 *
 * <p><b>Guarantee.</b> A set is published only if the key is that of the certificate, an authority of the bundle vouches for
 * the certificate, and it is valid now. Else the set of before stays, and the reason is logged once. Each set that is
 * published is a new generation with new contexts, so that no session of an older one is resumed.
 *
 * <p>Connections are TLS 1.3, or 1.2 with ECDHE and AEAD. Servers require a certificate of each client. A client knows its
 * server by the SPIFFE id that {@link Builder#peerIds} expects, or else by the name of the host. When this process has a
 * SPIFFE id, a peer with one of another trust domain is accepted only if that domain is federated: then the authorities of
 * that domain must vouch for it, and as a server it must be known by its id.
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
 * <p>Thread-safe. Has no thread; files are polled on the scheduler that it is given, other sources have their own.
 */
public final class TlsIdentity implements TlsSource, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);

  private final TlsSets sets;
  private final Optional<Function<String, SpiffeId>> peerIds;
  private final LiveTrust trust;
  private final @Nullable TlsFiles files;
  private final Registration source;
  private final ReentrantLock reloading = new ReentrantLock();
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task nextPoll;

  TlsIdentity(
      TlsSets sets,
      Optional<Function<String, SpiffeId>> peerIds,
      SecurityEvents events,
      Registration source) {
    this(sets, peerIds, events, source, null);
  }

  private TlsIdentity(
      TlsSets sets,
      Optional<Function<String, SpiffeId>> peerIds,
      SecurityEvents events,
      Registration source,
      @Nullable TlsFiles files) {
    this.sets = sets;
    this.peerIds = peerIds;
    this.trust = new PresentTrust(sets::current, peerIds, events);
    this.source = source;
    this.files = files;
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

  /**
   * An identity from a source that brings sets by itself. Servers are known by their host names; the first set is waited for,
   * at most 30 s.
   *
   * @param source started by {@code build()}, and closed with the identity
   * @return a builder with these defaults
   */
  public static PushedTlsBuilder from(TlsMaterialSource source) {
    return new PushedTlsBuilder(requireNonNull(source, "source"));
  }

  @Override
  public SSLContext context(String peer) {
    requireNonNull(peer, "peer");
    return sets.current().context(peer, peerIds, trust).context();
  }

  @Override
  public long generation() {
    return sets.current().number();
  }

  @Override
  public Registration onChange(Runnable listener) {
    requireNonNull(listener, "listener");
    return sets.onChange(listener);
  }

  /**
   * What is published now.
   *
   * @return certificates and generation of the moment
   */
  public Snapshot snapshot() {
    TlsGeneration generation = sets.current();
    TlsMaterial set = generation.material().set();
    return new Snapshot(generation.number(), set.chain(), set.authorities(), set.federated());
  }

  /**
   * Reads the files again and publishes them if they hold something new that may be used. Reads files, and so may block for
   * as long as that takes; calls listeners on this thread. Where sets come by themselves there is nothing to read.
   *
   * @return what came of it
   */
  public Reload reload() {
    if (files == null) {
      return new Reload.Unchanged();
    }
    Reload outcome;
    reloading.lock();
    try {
      outcome = sets.offer(files.read());
    } catch (IOException | GeneralSecurityException e) {
      outcome = sets.refused(TlsFiles.reason(e));
    } finally {
      reloading.unlock();
    }
    if (outcome instanceof Reload.Published) {
      sets.tell();
    }
    return outcome;
  }

  /** Polls no more and closes the source; contexts go on working. Idempotent. */
  @Override
  public void close() {
    closed = true;
    Scheduler.Task task = nextPoll;
    if (task != null) {
      task.cancel();
    }
    source.close();
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

  /**
   * A published set.
   *
   * @param generation grows with each
   * @param chain the certificate of this process, then those that lead to an authority
   * @param authorities that are trusted
   * @param federated those of other trust domains, by domain
   */
  public record Snapshot(
      long generation,
      List<X509Certificate> chain,
      List<X509Certificate> authorities,
      Map<String, List<X509Certificate>> federated) {

    /**
     * Keeps copies.
     *
     * @param generation grows with each
     * @param chain the certificate of this process first
     * @param authorities that are trusted
     * @param federated those of other trust domains
     */
    public Snapshot {
      chain = List.copyOf(chain);
      authorities = List.copyOf(authorities);
      federated = Map.copyOf(federated);
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

  /** What came of a set. */
  public sealed interface Reload {

    /**
     * It is in force.
     *
     * @param generation its own
     */
    record Published(long generation) implements Reload {}

    /** It was in force already. */
    record Unchanged() implements Reload {}

    /**
     * It must not be used; that of before stays in force.
     *
     * @param reason why
     */
    record Refused(String reason) implements Reload {}
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
      TlsFiles files = new TlsFiles(key, chain, bundle);
      TlsSets sets = new TlsSets(clock, events);
      try {
        TlsMaterial set = files.read();
        if (faults.isEmpty()) {
          var unused = sets.publish(set);
        }
      } catch (IOException | GeneralSecurityException e) {
        faults.add(TlsFiles.reason(e) + " (expected: key, chain and bundle that belong together in "
            + files + ")");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      TlsIdentity identity =
          new TlsIdentity(sets, Optional.ofNullable(peerIds), events, () -> {}, files);
      if (scheduler != null) {
        identity.schedulePoll(scheduler, interval);
      }
      return identity;
    }
  }
}
