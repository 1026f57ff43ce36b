package dev.msk.security.spiffe;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource.Registration;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.security.SpiffeId;
import dev.msk.security.internal.FullJitter;
import dev.msk.security.spi.TlsMaterial;
import dev.msk.security.spi.TlsMaterialSource;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SPIFFE Workload API: an agent on this machine, such as SPIRE's, knows by itself which process asks, and pushes its
 * X.509-SVID, key and bundles, again and again before they expire. For {@link dev.msk.security.TlsIdentity#from}.
 *
 * <p>Each answer is all that counts: an authority that is not in it is trusted no more from the moment it arrives. Bundles
 * of federated trust domains are used for workloads of their own domain only. An answer that must not be used leaves the
 * set before in force, and so does a stream that ends, for whatever reason, {@code PERMISSION_DENIED} included: it is opened
 * again after a wait with full jitter, of at most half a second at first and 30 s later. Revocation lists are not looked at;
 * that they came is logged once.
 *
 * <p>Messages are at most 4 MiB long. Needs {@code io.grpc:grpc-netty-shaded}; sockets are the JDK's, of any operating
 * system. Has one thread of its own while it is started, {@code msk-spiffe-workload-api}; sets are offered, and listeners of
 * the identity called, on gRPC's.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md">SPIFFE Workload API</a>
 */
public final class SpiffeWorkloadApi implements TlsMaterialSource {

  private static final Logger log = LoggerFactory.getLogger(SpiffeWorkloadApi.class);
  private static final String VARIABLE = "SPIFFE_ENDPOINT_SOCKET";
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final SocketAddress address;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final String hint;
  private final @Nullable String trustDomain;
  private final AtomicBoolean crlsSeen = new AtomicBoolean();

  private SpiffeWorkloadApi(Builder builder, SocketAddress address) {
    this.address = address;
    this.scheduler = builder.scheduler;
    this.random = builder.random;
    this.hint = builder.hint;
    this.trustDomain = builder.trustDomain;
  }

  /**
   * The API at the address in the environment variable {@code SPIFFE_ENDPOINT_SOCKET}, of which the first SVID is taken.
   *
   * @param scheduler opens streams again; stays yours
   * @return a builder with these defaults
   */
  public static Builder builder(Scheduler scheduler) {
    return new Builder(requireNonNull(scheduler, "scheduler"), System.getenv());
  }

  @Override
  public Registration start(Receiver receiver) {
    requireNonNull(receiver, "receiver");
    WorkloadStream stream = new WorkloadStream(
        WorkloadChannel.to(address),
        scheduler,
        new FullJitter(FIRST_WAIT, LONGEST_WAIT, random),
        answer -> take(answer, receiver),
        receiver::unavailable);
    stream.open();
    return stream;
  }

  /** Where the API is. */
  @Override
  public String toString() {
    return "SpiffeWorkloadApi[" + address + "]";
  }

  private void take(byte[] encoded, Receiver receiver) {
    TlsMaterial set;
    try {
      WorkloadAnswer answer = WorkloadAnswer.parse(encoded);
      if (answer.crls() > 0 && crlsSeen.compareAndSet(false, true)) {
        log.warn("Workload API sends revocation lists; they are not looked at");
      }
      set = answer.material(hint);
      requireDomain(set);
    } catch (GeneralSecurityException e) {
      receiver.refused(String.valueOf(e.getMessage()));
      return;
    }
    var unused = receiver.offer(set);
  }

  private void requireDomain(TlsMaterial set) throws GeneralSecurityException {
    String actual = SpiffeId.of(set.chain().get(0)).map(SpiffeId::trustDomain).orElse("none");
    if (trustDomain != null && !trustDomain.equals(actual)) {
      throw new GeneralSecurityException(
          "x509_svid: of trust domain " + actual + " (expected: " + trustDomain + ")");
    }
  }

  /** Builds a {@link SpiffeWorkloadApi}. Confined to one thread. */
  public static final class Builder {

    private final Scheduler scheduler;
    private final Map<String, String> environment;
    private RandomGenerator random = RandomGenerator.getDefault();
    private String hint = "";
    private @Nullable String address;
    private @Nullable String trustDomain;

    Builder(Scheduler scheduler, Map<String, String> environment) {
      this.scheduler = scheduler;
      this.environment = environment;
    }

    /**
     * Says where the API is.
     *
     * @param address {@code unix:///absolute/path} or {@code tcp://ip-address:port}; default {@code SPIFFE_ENDPOINT_SOCKET}
     * @return this
     */
    public Builder address(String address) {
      this.address = requireNonNull(address, "address");
      return this;
    }

    /**
     * Chooses among several SVIDs.
     *
     * @param hint of the one that is taken; by default the first one is, whatever its hint
     * @return this
     */
    public Builder hint(String hint) {
      this.hint = requireNonNull(hint, "hint");
      return this;
    }

    /**
     * Insists on a trust domain.
     *
     * @param trustDomain SVIDs of others are refused; by default the agent decides
     * @return this
     */
    public Builder trustDomain(String trustDomain) {
      this.trustDomain = requireNonNull(trustDomain, "trustDomain");
      return this;
    }

    /**
     * Spreads attempts, so that processes that lost their agent together do not come back together.
     *
     * @param random default {@link RandomGenerator#getDefault()}
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = requireNonNull(random, "random");
      return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is asked for yet
     * @throws IllegalArgumentException if a setting is out of bounds; names all of them
     * @throws dev.msk.core.MissingDependencyException if grpc-netty-shaded is not there
     */
    public SpiffeWorkloadApi build() {
      List<String> faults = new ArrayList<>();
      SocketAddress parsed = null;
      String text = address == null ? environment.get(VARIABLE) : address;
      try {
        parsed = text == null ? null : WorkloadAddress.parse(name(), text);
        if (text == null) {
          faults.add(VARIABLE + ": not set (expected: unix:///absolute/path or"
              + " tcp://ip-address:port, or address(…))");
        }
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      try {
        if (trustDomain != null) {
          var unused = new SpiffeId(trustDomain, "");
        }
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      if (parsed == null || !faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      OptionalDependency.of(
              SpiffeWorkloadApi.class,
              "grpc-netty",
              "io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder")
          .require("SPIFFE Workload API");
      return new SpiffeWorkloadApi(this, parsed);
    }

    private String name() {
      return address == null ? VARIABLE : "address";
    }
  }
}
