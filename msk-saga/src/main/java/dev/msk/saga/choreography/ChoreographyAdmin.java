package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import dev.msk.core.jdbc.Transactor;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operator sees of instances, and does with those in quarantine. Each act and its line in {@code choreography_audit} are one
 * transaction of their own: a process that dies before its commit has done nothing. Thread-safe; got from {@link Choreography#admin()}.
 */
public final class ChoreographyAdmin {

  private static final int MAX_LISTED = 1_000;
  private static final int MAX_TEXT = 1_000;

  private final Transactor transactor;
  private final Codec codec;
  private final Instances instances;
  private final Set<String> participants;

  ChoreographyAdmin(ChoreographySettings settings, Instances instances) {
    this.transactor = settings.transactor();
    this.codec = settings.codec();
    this.instances = instances;
    this.participants = settings.participants().keySet();
  }

  /**
   * Finds an instance.
   *
   * @param participant whose
   * @param key its key
   * @return the instance, empty if there is none
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public Optional<InstanceSnapshot> find(String participant, String key) {
    return transactor.call(
        tx -> instances.rows().find(tx, participant, key).map(InstanceSnapshot::new));
  }

  /**
   * Lists instances in quarantine, of all participants in this database.
   *
   * @param atMost 1 to {@value #MAX_LISTED}
   * @return those that have been there longest first
   * @throws IllegalArgumentException if {@code atMost} is out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<InstanceSnapshot> quarantined(int atMost) {
    return list(null, InstanceStatus.QUARANTINED, atMost);
  }

  /**
   * Lists instances that wait for the event that starts them: what came for them would otherwise never be taken.
   *
   * @param participant whose
   * @param atMost 1 to {@value #MAX_LISTED}
   * @return those that have waited longest first
   * @throws IllegalArgumentException if {@code atMost} is out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<InstanceSnapshot> waiting(String participant, int atMost) {
    return list(participant, InstanceStatus.WAITING, atMost);
  }

  /**
   * Reads what is kept for an instance; in quarantine, the first one is what it could not take.
   *
   * @param participant whose
   * @param key its key
   * @return in the order in which they will be taken, at most {@value #MAX_LISTED}; empty if there is no such instance
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<KeptInput> kept(String participant, String key) {
    return transactor.call(tx -> {
      Optional<InstanceRow> row = instances.rows().find(tx, participant, key);
      return row.isEmpty() ? List.of() : instances.inputs().list(tx, row.get(), MAX_LISTED);
    });
  }

  /**
   * Has an instance in quarantine take what is kept for it, in order, by the code that is registered here: after a deployment that mends
   * it, say. It stops at the first input that it still cannot take, which then stands first.
   *
   * @param participant whose
   * @param key its key
   * @param who does this
   * @param reason why
   * @return how far it came
   * @throws UnknownInstanceException if there is no such instance in quarantine
   * @throws NewerStateException if a newer version wrote its state
   * @throws IllegalArgumentException if the participant is not registered here, or who or reason are out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public ReleaseResult release(String participant, String key, String who, String reason) {
    text(who, reason);
    return transactor.call(tx -> {
      InstanceRow row = quarantined(tx, participant, key);
      instances.rows().audit(tx, row, "RELEASE", who, reason);
      return instances.release(tx, row);
    });
  }

  /**
   * Drops the input that an instance in quarantine could not take, and has it take what stands behind.
   *
   * @param participant whose
   * @param key its key
   * @param who does this
   * @param reason why
   * @return how far it came
   * @throws UnknownInstanceException if there is no such instance in quarantine
   * @throws NewerStateException if a newer version wrote its state
   * @throws IllegalArgumentException if the participant is not registered here, or who or reason are out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public ReleaseResult discard(String participant, String key, String who, String reason) {
    text(who, reason);
    return transactor.call(tx -> {
      InstanceRow row = quarantined(tx, participant, key);
      instances.rows().audit(tx, row, "DISCARD", who, reason);
      return instances.release(tx, instances.dropFirst(tx, row));
    });
  }

  /**
   * Gives an instance in quarantine another state, one that cannot be read for one that can, and has it take what is kept for it.
   *
   * @param participant whose, as it is registered here
   * @param key its key
   * @param state the state that it is to have
   * @param who does this
   * @param reason why
   * @param <S> the state
   * @return how far it came
   * @throws UnknownInstanceException if there is no such instance in quarantine
   * @throws IllegalArgumentException if the participant is not registered here, or who or reason are out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public <S> ReleaseResult repair(
      Participant<S, ?> participant, String key, S state, String who, String reason) {
    text(who, reason);
    byte[] mended = codec.encode(state);
    return transactor.call(tx -> {
      InstanceRow row = quarantined(tx, participant.name(), key);
      instances.rows().audit(tx, row, "REPAIR", who, reason);
      return instances.release(
          tx,
          row.moved(participant.version(), mended, false)
              .at(InstanceStatus.QUARANTINED, row.error()));
    });
  }

  /**
   * Gives an instance in quarantine up, as it is: it ends, its timers are cancelled, and what is kept for it is deleted.
   *
   * @param participant whose
   * @param key its key
   * @param who does this
   * @param reason why
   * @throws UnknownInstanceException if there is no such instance in quarantine
   * @throws NewerStateException if a newer version wrote its state
   * @throws IllegalArgumentException if the participant is not registered here, or who or reason are out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public void abandon(String participant, String key, String who, String reason) {
    text(who, reason);
    transactor.run(tx -> {
      InstanceRow row = quarantined(tx, participant, key);
      instances.rows().audit(tx, row, "ABANDON", who, reason);
      instances.end(tx, row);
    });
  }

  private List<InstanceSnapshot> list(
      @Nullable String participant, InstanceStatus status, int atMost) {
    if (atMost < 1 || atMost > MAX_LISTED) {
      throw new IllegalArgumentException(
          "atMost: " + atMost + " (expected: 1 to " + MAX_LISTED + ")");
    }
    return transactor.call(tx -> instances.rows().resting(tx, participant, status, atMost).stream()
        .map(InstanceSnapshot::new)
        .toList());
  }

  private InstanceRow quarantined(Connection tx, String participant, String key)
      throws SQLException {
    if (!participants.contains(participant)) {
      throw new IllegalArgumentException(
          "participant: " + participant + " (expected: one of " + participants + ")");
    }
    InstanceRow row = instances
        .rows()
        .lock(tx, participant, key)
        .orElseThrow(() -> new UnknownInstanceException(
            "instance: " + participant + " " + key + " (expected: one that exists)"));
    if (row.status() != InstanceStatus.QUARANTINED) {
      throw new UnknownInstanceException(
          "instance: " + row + " " + row.status() + " (expected: QUARANTINED)");
    }
    return row;
  }

  private static void text(String who, String reason) {
    if (who.isBlank() || reason.isBlank() || who.length() + reason.length() > MAX_TEXT) {
      throw new IllegalArgumentException("who, reason: '" + who + "', '" + reason
          + "' (expected: neither blank, at most " + MAX_TEXT + " characters)");
    }
  }
}
