package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An instance as it was when it was read. Immutable. */
public final class InstanceSnapshot {

  private final InstanceRow row;

  InstanceSnapshot(InstanceRow row) {
    this.row = row;
  }

  /**
   * Whose instance it is.
   *
   * @return the participant's name
   */
  public String participant() {
    return row.participant();
  }

  /**
   * Its key.
   *
   * @return what its events name it by
   */
  public String key() {
    return row.key();
  }

  /**
   * Where it is.
   *
   * @return its status
   */
  public InstanceStatus status() {
    return row.status();
  }

  /**
   * The version of the participant that wrote its state.
   *
   * @return a positive number, 0 without a state
   */
  public int version() {
    return row.version();
  }

  /**
   * How many inputs are kept for it.
   *
   * @return a number that is not negative
   */
  public int kept() {
    return row.kept();
  }

  /**
   * Why it is in quarantine.
   *
   * @return what was thrown, empty unless it is in quarantine
   */
  public Optional<String> error() {
    return Optional.ofNullable(row.error());
  }

  /**
   * The business flow that it belongs to.
   *
   * @return the correlation of its first input, or that event's id
   */
  public Optional<String> correlationId() {
    return Optional.ofNullable(row.origin().correlationId());
  }

  /**
   * When its first input came.
   *
   * @return by the database's clock
   */
  public Instant createdAt() {
    return row.createdAt();
  }

  /**
   * When it changed last.
   *
   * @return by the database's clock
   */
  public Instant changedAt() {
    return row.changedAt();
  }

  /**
   * Its state as it is stored.
   *
   * @return a copy of the bytes; null before it has started
   */
  public byte @Nullable [] state() {
    byte[] state = row.state();
    return state == null ? null : state.clone();
  }

  /**
   * Its state.
   *
   * @param codec of the choreography
   * @param type of the participant's states
   * @param <S> the state
   * @return empty before it has started
   * @throws dev.msk.core.CodecException if the bytes are not what the codec expects
   */
  public <S> Optional<S> state(Codec codec, Class<S> type) {
    byte[] state = row.state();
    return state == null ? Optional.empty() : Optional.of(codec.decode(state, type));
  }

  @Override
  public String toString() {
    return row + " " + row.status() + ", kept=" + row.kept();
  }
}
