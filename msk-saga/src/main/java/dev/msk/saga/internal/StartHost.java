package dev.msk.saga.internal;

import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The node in which a saga begins, which may work on it from the start: no claim, and no search. Thread-safe. */
public interface StartHost {

  /** Who will own it; null when the node has no room, or no lease. Keeps room for a while. */
  @Nullable
  SagaOwner keepRoom(UUID saga);

  /** It was begun before. */
  void giveRoomUp(UUID saga);

  /** The transaction that began it is committed. A revocable one is ours unless that transaction went back to a savepoint. */
  void run(SagaRow row, boolean revocable);

  /** Somebody may have begun one that is not ours. */
  void wake();
}
