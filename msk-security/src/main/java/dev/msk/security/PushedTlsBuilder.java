package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.TlsIdentity.Reload;
import dev.msk.security.spi.TlsMaterial;
import dev.msk.security.spi.TlsMaterialSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Builds a {@link TlsIdentity} whose sets come from a source by themselves. Confined to one thread. */
public final class PushedTlsBuilder {

  private final TlsMaterialSource source;
  private InstantSource clock = InstantSource.system();
  private SecurityEvents events = SecurityEvents.none();
  private Duration patience = Duration.ofSeconds(30);
  private @Nullable Function<String, SpiffeId> peerIds;

  PushedTlsBuilder(TlsMaterialSource source) {
    this.source = source;
  }

  /**
   * Knows servers by SPIFFE ids instead of host names. Servers of federated trust domains are known in no other way.
   *
   * @param peerIds as in {@link TlsIdentity.Builder#peerIds}
   * @return this
   */
  public PushedTlsBuilder peerIds(Function<String, SpiffeId> peerIds) {
    this.peerIds = requireNonNull(peerIds, "peerIds");
    return this;
  }

  /**
   * Bounds how long {@link #build()} waits for the first set.
   *
   * @param patience default 30 s
   * @return this
   */
  public PushedTlsBuilder patience(Duration patience) {
    this.patience = requireNonNull(patience, "patience");
    return this;
  }

  /**
   * Tells the time that certificates are compared with.
   *
   * @param clock default the system's
   * @return this
   */
  public PushedTlsBuilder clock(InstantSource clock) {
    this.clock = requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Tells of sets that are published, the first included, of sets that are refused, and of a source that has none, once for
   * each reason.
   *
   * @param events default none
   * @return this
   */
  public PushedTlsBuilder events(SecurityEvents events) {
    this.events = requireNonNull(events, "events");
    return this;
  }

  /**
   * Starts the source and waits for the first set that may be used.
   *
   * @return the identity, generation 1; closing it closes what the source has started
   * @throws IllegalArgumentException if the patience is out of bounds
   * @throws TlsIdentityException if no set has come in time, or the thread was interrupted, which it still is then; the
   *     source is closed
   */
  public TlsIdentity build() {
    if (patience.isZero() || patience.isNegative()) {
      throw new IllegalArgumentException("patience: " + patience + " (expected: more than zero)");
    }
    TlsSets sets = new TlsSets(clock, events);
    FirstSet receiver = new FirstSet(sets, new CountDownLatch(1));
    Registration started = source.start(receiver);
    try {
      if (receiver.first.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        return new TlsIdentity(sets, Optional.ofNullable(peerIds), events, started);
      }
      started.close();
      String last = sets.trouble().isEmpty() ? "no answer yet" : sets.trouble();
      throw new TlsIdentityException(
          "no TLS identity from " + source + " within " + patience + ": " + last, sets.trouble());
    } catch (InterruptedException e) {
      started.close();
      Thread.currentThread().interrupt();
      throw new TlsIdentityException(
          "no TLS identity from " + source + ": interrupted", sets.trouble());
    }
  }

  private record FirstSet(TlsSets sets, CountDownLatch first)
      implements TlsMaterialSource.Receiver {

    @Override
    public Reload offer(TlsMaterial set) {
      Reload outcome = sets.offer(set);
      if (outcome instanceof Reload.Published) {
        sets.tell(); // first, so that nobody who registers with the identity is told of its first
        // set
        first.countDown();
      }
      return outcome;
    }

    @Override
    public void refused(String reason) {
      var unused = sets.refused(reason);
    }

    @Override
    public void unavailable(String reason) {
      sets.unavailable(reason);
    }
  }
}
