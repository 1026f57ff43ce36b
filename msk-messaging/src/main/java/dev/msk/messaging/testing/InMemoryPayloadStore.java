package dev.msk.messaging.testing;

import dev.msk.messaging.spi.PayloadStore;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Payloads in memory, outside every transaction: what was put stays, rollback or not. Thread-safe. */
public final class InMemoryPayloadStore implements PayloadStore {

  private static final String SCHEME = "msk-memory:";

  private final InstantSource clock;
  private final Map<String, Payload> payloads = new LinkedHashMap<>();

  private record Payload(Instant since, byte[] data) {}

  private InMemoryPayloadStore(InstantSource clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /**
   * An empty store.
   *
   * @param clock tells the age of payloads
   * @return a store
   */
  public static InMemoryPayloadStore of(InstantSource clock) {
    return new InMemoryPayloadStore(clock);
  }

  @Override
  public String put(Connection tx, byte[] data) {
    String reference = SCHEME + UUID.randomUUID();
    synchronized (payloads) {
      payloads.put(reference, new Payload(clock.instant(), data.clone()));
    }
    return reference;
  }

  @Override
  public boolean isOwn(String reference) {
    return reference.startsWith(SCHEME);
  }

  @Override
  public Optional<byte[]> get(String reference) {
    synchronized (payloads) {
      return Optional.ofNullable(payloads.get(reference))
          .map(payload -> payload.data().clone());
    }
  }

  @Override
  public int purge(Duration keep, int atMost) {
    Instant oldest = clock.instant().minus(keep);
    int purged = 0;
    synchronized (payloads) {
      Iterator<Payload> each = payloads.values().iterator();
      while (purged < atMost && each.hasNext() && each.next().since().isBefore(oldest)) {
        each.remove();
        purged++;
      }
    }
    return purged;
  }
}
