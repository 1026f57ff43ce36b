package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.PayloadStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What every {@link PayloadStore} does. A store's test class extends it and gives an empty store for each test. */
public abstract class PayloadStoreContract {

  private static final byte[] DATA = {0, 1, -1, 7};

  /** For subclasses. */
  protected PayloadStoreContract() {}

  /**
   * A store.
   *
   * @return a store without payloads, the same throughout a test
   * @throws SQLException as the database reports it
   */
  protected abstract PayloadStore store() throws SQLException;

  /**
   * Puts data in a transaction of its own, which is committed.
   *
   * @param data the bytes
   * @return the reference
   * @throws SQLException as the database reports it
   */
  protected abstract String put(byte[] data) throws SQLException;

  /**
   * A payload comes back as it was.
   *
   * @throws SQLException as the database reports it
   */
  @Test
  protected void put_isGotByItsReference() throws SQLException {
    String reference = put(DATA);
    byte[] large = new byte[3 * 1024 * 1024];
    large[large.length - 1] = 1;
    String other = put(large);

    assertThat(store().get(reference)).hasValue(DATA);
    assertThat(store().get(other)).hasValue(large);
    assertThat(store().get(reference)).hasValue(DATA);
  }

  /**
   * A reference is legal as {@code dataref}, and different for each payload.
   *
   * @throws SQLException as the database reports it
   */
  @Test
  protected void reference_isAUriReference_andNewEachTime() throws SQLException {
    String reference = put(DATA);

    EventEnvelope event = EventEnvelope.builder("1", "/contract", "t")
        .extension("dataref", reference)
        .build();

    assertThat(event.dataRef()).contains(reference);
    assertThat(store().isOwn(reference)).isTrue();
    assertThat(put(DATA)).isNotEqualTo(reference);
  }

  /**
   * A reference of somebody else is never followed.
   *
   * @throws SQLException as the database reports it
   */
  @Test
  protected void strangeReference_isNotFollowed() throws SQLException {
    for (String strange : new String[] {
      "https://attacker.example/x", "file:///etc/passwd", "../../etc/passwd", "x", "msk-payload:1"
    }) {
      assertThat(store().isOwn(strange)).as(strange).isFalse();
      assertThat(store().get(strange)).as(strange).isEmpty();
    }
  }

  /**
   * What was never put, or is purged, is not there.
   *
   * @throws SQLException as the database reports it
   */
  @Test
  protected void purge_deletesWhatIsOld_andNoMoreThanAsked() throws SQLException {
    String first = put(DATA);
    String second = put(DATA);

    assertThat(store().purge(Duration.ofDays(1), 10)).isZero();
    assertThat(store().get(first)).isPresent();
    passTime();
    assertThat(store().purge(Duration.ZERO, 1)).isEqualTo(1);
    assertThat(store().purge(Duration.ZERO, 10)).isEqualTo(1);
    assertThat(store().get(first)).isEmpty();
    assertThat(store().get(second)).isEmpty();
  }

  /** Lets the store's clock move on by at least a microsecond. */
  protected abstract void passTime();

  /**
   * Puts through a transaction of the caller.
   *
   * @param tx the transaction
   * @return the reference
   * @throws SQLException as the database reports it
   */
  protected final String putIn(Connection tx) throws SQLException {
    return store().put(tx, DATA);
  }
}
