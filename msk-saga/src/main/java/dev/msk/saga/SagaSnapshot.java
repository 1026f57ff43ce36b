package dev.msk.saga;

import dev.msk.core.Codec;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A saga as it stood when somebody looked. Immutable.
 *
 * @param id of the saga
 * @param definition the name that all versions share
 * @param version which it follows
 * @param businessKey which it was started with
 * @param status where it is
 * @param step that runs, is compensated, or waits next; empty when there is none
 * @param pivoted whether there is no way back any more
 * @param attempts at that step that ended, or commands that were sent
 * @param error why it turned back or is stuck, else the last failure; empty when all goes well
 * @param cancelReason why it is to be cancelled, also when that came too late; empty while nobody has asked
 * @param parent the saga that began it, if one did
 * @param waitsFor the target that another saga has and this one waits for; empty if it does not
 * @param wakeAt when it goes on at the latest, empty at rest
 * @param startedAt by the database's clock
 * @param updatedAt by the database's clock
 * @param state as the codec wrote it, not to be changed
 */
public record SagaSnapshot(
    UUID id,
    String definition,
    int version,
    String businessKey,
    SagaStatus status,
    Optional<String> step,
    boolean pivoted,
    int attempts,
    Optional<String> error,
    Optional<String> cancelReason,
    Optional<UUID> parent,
    Optional<String> waitsFor,
    Optional<Instant> wakeAt,
    Instant startedAt,
    Instant updatedAt,
    byte[] state) {

  /**
   * The state as a value.
   *
   * @param codec that of the coordinator
   * @param type the definition's state type
   * @param <S> the definition's state type
   * @return the state
   * @throws dev.msk.core.CodecException if it cannot be read
   */
  public <S> S state(Codec codec, Class<S> type) {
    return codec.decode(state, type);
  }

  static SagaSnapshot of(SagaRow row) {
    @Nullable String step = row.status().isEnded() ? null : row.step();
    return new SagaSnapshot(
        row.id(),
        row.definition().name(),
        row.definition().version(),
        row.businessKey(),
        row.status(),
        Optional.ofNullable(step),
        row.pivoted(),
        row.attempts(),
        Optional.ofNullable(row.error()),
        Optional.ofNullable(row.cancel()),
        Optional.ofNullable(row.parent()).map(SagaParent::id),
        Optional.ofNullable(row.target())
            .filter(target -> !target.held() && !row.status().isEnded())
            .map(SagaTarget::name),
        Optional.ofNullable(row.wakeAt()),
        row.createdAt(),
        row.updatedAt(),
        row.state());
  }
}
