package dev.msk.messaging;

import dev.msk.messaging.spi.PayloadStore;
import dev.msk.messaging.testing.InMemoryPayloadStore;
import dev.msk.messaging.testing.PayloadStoreContract;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

final class InMemoryPayloadStoreTest extends PayloadStoreContract {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T10:15:30Z"));
  private final InMemoryPayloadStore store = InMemoryPayloadStore.of(now::get);

  @Override
  protected PayloadStore store() {
    return store;
  }

  @Override
  protected String put(byte[] data) {
    return store.put(UpcastersTest.noConnection(), data);
  }

  @Override
  protected void passTime() {
    now.updateAndGet(time -> time.plus(Duration.ofMillis(1)));
  }
}
