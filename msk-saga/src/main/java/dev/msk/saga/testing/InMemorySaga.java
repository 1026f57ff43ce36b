package dev.msk.saga.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row, as it stood once; a change makes another one. */
record InMemorySaga(
    SagaRow row, @Nullable Instant deadlineAt, @Nullable Instant waitUntil) {

  private static final Duration LONGEST = Duration.ofDays(3650);

  static InMemorySaga born(NewSaga saga, Instant now) {
    Duration deadline = saga.deadline();
    InMemorySaga born = new InMemorySaga(
        SagaRow.begun(saga, now), deadline == null ? null : now.plus(deadline), null);
    SagaTarget target = saga.target();
    return target == null || target.held() ? born : born.untilItsTurn(now);
  }

  boolean isDue(Instant now) {
    Instant wakeAt = row.wakeAt();
    return row.owner() == null && wakeAt != null && !wakeAt.isAfter(now);
  }

  boolean isEndedBefore(Instant time) {
    return row.status().isEnded() && row.updatedAt().isBefore(time);
  }

  boolean waitsFor(String step, SagaTransition arrow) {
    return step.equals(row.step()) && row.status() == arrow.from().orElseThrow();
  }

  InMemorySaga owned(SagaOwner owner) {
    return with(owner, row.crashes(), row.rev(), row.wakeAt(), row.updatedAt(), row.cancel());
  }

  /** Nobody's, and due at once. */
  InMemorySaga released(int moreCrashes, Instant now) {
    return with(
        null, row.crashes() + moreCrashes, row.rev() + 1, now, row.updatedAt(), row.cancel());
  }

  InMemorySaga woken(Instant now) {
    int lost = row.attempts() == 0 && row.owner() != null ? 1 : 0;
    return with(null, row.crashes() + lost, row.rev() + 1, now, now, row.cancel());
  }

  boolean waitsForChildOf(String step) {
    return step.equals(row.step())
        && (row.status() == SagaStatus.RUNNING || row.status() == SagaStatus.COMPENSATING);
  }

  InMemorySaga cancelled(String reason, boolean wake, Instant now) {
    if (row.cancel() != null) {
      return this;
    }
    boolean due = wake && row.owner() == null && row.wakeAt() != null;
    return with(
        row.owner(), row.crashes(), row.rev(), due ? now : row.wakeAt(), row.updatedAt(), reason);
  }

  InMemorySaga moved(SagaMove move, Instant now) {
    SagaRow next = row.after(move, row.cancel());
    boolean keeps = move.then() == Then.KEEP;
    Instant until = move.then() == Then.WAIT ? now.plus(move.wakeIn()) : null;
    return new InMemorySaga(next, deadlineAt, until)
        .with(keeps ? row.owner() : null, 0, next.rev(), wakeAt(move, now), now, row.cancel());
  }

  InMemorySaga migrated(SagaRelocation to, Instant now) {
    SagaRow next = new SagaRow(
        row.id(),
        to.to(),
        row.businessKey(),
        row.status(),
        to.position(),
        to.step(),
        row.pivoted(),
        to.attempts(),
        to.crashes(),
        to.maybe(),
        row.rev() + 1,
        null,
        to.state(),
        row.error(),
        row.cancel(),
        row.origin(),
        row.target(),
        row.parent(),
        null,
        null,
        row.wakeAt(),
        row.createdAt(),
        now);
    return new InMemorySaga(next, deadlineAt, waitUntil);
  }

  /** It has what it waited for. */
  InMemorySaga given(Instant now) {
    SagaTarget held = new SagaTarget(requireNonNull(row.target()).name(), true);
    return new InMemorySaga(
        copy(null, row.crashes(), row.rev() + 1, now, now, row.cancel(), held, null, null),
        deadlineAt,
        waitUntil);
  }

  private InMemorySaga untilItsTurn(Instant now) {
    Instant wakeAt = now.plus(LONGEST);
    return with(
        null,
        0,
        row.rev(),
        deadlineAt != null && deadlineAt.isBefore(wakeAt) ? deadlineAt : wakeAt,
        now,
        null);
  }

  SagaRow seenAt(Instant now) {
    return copy(
        row.owner(),
        row.crashes(),
        row.rev(),
        row.wakeAt(),
        row.updatedAt(),
        row.cancel(),
        row.target(),
        deadlineAt == null ? null : Duration.between(now, deadlineAt),
        waitUntil == null ? null : Duration.between(now, waitUntil));
  }

  private @Nullable Instant wakeAt(SagaMove move, Instant now) {
    if (move.then() != Then.WAIT) {
      return move.then() == Then.KEEP ? row.wakeAt() : null;
    }
    if (move.byDeadline() && row.cancel() != null) {
      return now;
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
      Instant updatedAt,
      @Nullable String cancel) {
    return new InMemorySaga(
        copy(owner, crashes, rev, wakeAt, updatedAt, cancel, row.target(), null, null),
        deadlineAt,
        waitUntil);
  }

  private SagaRow copy(
      @Nullable SagaOwner owner,
      int crashes,
      long rev,
      @Nullable Instant wakeAt,
      Instant updatedAt,
      @Nullable String cancel,
      @Nullable SagaTarget target,
      @Nullable Duration untilDeadline,
      @Nullable Duration waitLeft) {
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
        cancel,
        row.origin(),
        target,
        row.parent(),
        untilDeadline,
        waitLeft,
        wakeAt,
        row.createdAt(),
        updatedAt);
  }
}
