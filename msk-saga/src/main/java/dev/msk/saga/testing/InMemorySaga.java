package dev.msk.saga.testing;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row, as it stood once; a change makes another one. */
record InMemorySaga(SagaRow row, @Nullable Instant deadlineAt) {

  static InMemorySaga born(NewSaga saga, Instant now) {
    Duration deadline = saga.deadline();
    SagaRow row = new SagaRow(
        saga.id(),
        saga.definition(),
        saga.businessKey(),
        SagaStatus.RUNNING,
        0,
        saga.step(),
        false,
        0,
        0,
        false,
        0,
        null,
        saga.state(),
        null,
        saga.origin(),
        null,
        now,
        now,
        now);
    return new InMemorySaga(row, deadline == null ? null : now.plus(deadline));
  }

  boolean isDue(Instant now) {
    Instant wakeAt = row.wakeAt();
    return row.owner() == null && wakeAt != null && !wakeAt.isAfter(now);
  }

  boolean isEndedBefore(Instant time) {
    return row.status().isEnded() && row.updatedAt().isBefore(time);
  }

  boolean waitsFor(String step, SagaTransition arrow) {
    return step.equals(row.step())
        && row.attempts() > 0
        && row.status() == arrow.from().orElseThrow();
  }

  InMemorySaga owned(SagaOwner owner) {
    return with(owner, row.crashes(), row.rev(), row.wakeAt(), row.updatedAt());
  }

  /** Nobody's, and due at once. */
  InMemorySaga released(int moreCrashes, Instant now) {
    return with(null, row.crashes() + moreCrashes, row.rev() + 1, now, row.updatedAt());
  }

  InMemorySaga woken(Instant now) {
    return with(null, row.crashes(), row.rev() + 1, now, now);
  }

  InMemorySaga moved(SagaMove move, Instant now) {
    SagaRow next = row.after(move);
    boolean keeps = move.then() == Then.KEEP;
    return new InMemorySaga(next, deadlineAt)
        .with(keeps ? row.owner() : null, 0, next.rev(), wakeAt(move, now), now);
  }

  SagaRow seenAt(Instant now) {
    return deadlineAt == null
        ? row
        : copy(
            row.owner(),
            row.crashes(),
            row.rev(),
            row.wakeAt(),
            row.updatedAt(),
            Duration.between(now, deadlineAt));
  }

  private @Nullable Instant wakeAt(SagaMove move, Instant now) {
    if (move.then() != Then.WAIT) {
      return move.then() == Then.KEEP ? row.wakeAt() : null;
    }
    Instant wakeAt = now.plus(move.wakeIn());
    return move.byDeadline() && deadlineAt != null && deadlineAt.isBefore(wakeAt)
        ? deadlineAt
        : wakeAt;
  }

  private InMemorySaga with(
      @Nullable SagaOwner owner,
      int crashes,
      long rev,
      @Nullable Instant wakeAt,
      Instant updatedAt) {
    return new InMemorySaga(copy(owner, crashes, rev, wakeAt, updatedAt, null), deadlineAt);
  }

  private SagaRow copy(
      @Nullable SagaOwner owner,
      int crashes,
      long rev,
      @Nullable Instant wakeAt,
      Instant updatedAt,
      @Nullable Duration untilDeadline) {
    return new SagaRow(
        row.id(),
        row.definition(),
        row.businessKey(),
        row.status(),
        row.position(),
        row.step(),
        row.pivoted(),
        row.attempts(),
        crashes,
        row.maybe(),
        rev,
        owner,
        row.state(),
        row.error(),
        row.origin(),
        untilDeadline,
        wakeAt,
        row.createdAt(),
        updatedAt);
  }
}
