package dev.msk.saga.internal;

import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the moves of sagas that are to be written at the same time together: one statement and one commit for up to 500 of them.
 *
 * <p>Nobody lingers. A write that comes while fewer than two commits are under way is committed at once by the thread that brings it,
 * with all that wait; else it waits, and its thread is free for another saga. Saga and row are as they would be had the write been
 * committed alone: a refused write refuses no other, and when a commit fails, or has no answer, each of its writes is made again
 * alone.
 *
 * <p>Thread-safe.
 */
final class GroupCommit {

  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
  private static final int MOST_COMMITTING = 2;
  private static final int MOST_TOGETHER = 500;

  private final SagaRows rows;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private int committing;

  GroupCommit(EngineSettings settings, SagaRows rows) {
    this.executor = settings.executor();
    this.rows = rows;
  }

  /** A saga whose write somebody else commits; asks first what came of it, which may fail. */
  interface Continuation {

    /** Called in a task of the executor's. */
    void goOn(Outcome outcome);

    /** The executor takes no more tasks. Throws nothing. */
    void stop(Outcome outcome);
  }

  /** What came of a write. */
  interface Outcome {

    /** Null when the saga waits, rests, or is no longer ours. */
    @Nullable
    SagaRow row();
  }

  /** The write is committed, or refused. */
  record Settled(@Nullable SagaRow row) {}

  /** Null when another thread commits it; then the continuation is called, once. */
  @Nullable
  Settled write(SagaRow row, SagaMove move, Continuation saga) {
    Waiting mine = new Waiting(row, move, saga);
    List<Waiting> batch = batchWith(mine);
    if (batch.isEmpty()) {
      return null;
    }
    commit(batch);
    batch.stream().filter(write -> write != mine).forEach(this::goOn);
    passOn();
    return new Settled(settle(mine));
  }

  /**
   * The write and what waits; empty when enough are committing, and the write waits. In one step: a write that waits is taken by whoever
   * commits next, who then goes on with its saga.
   */
  private List<Waiting> batchWith(Waiting write) {
    lock.lock();
    try {
      if (committing == MOST_COMMITTING) {
        waiting.add(write);
        return List.of();
      }
      committing++;
      return filled(write);
    } finally {
      lock.unlock();
    }
  }

  private List<Waiting> nextBatch() {
    lock.lock();
    try {
      return filled();
    } finally {
      lock.unlock();
    }
  }

  private List<Waiting> filled(Waiting... first) {
    List<Waiting> batch = new ArrayList<>(List.of(first));
    while (batch.size() < MOST_TOGETHER && !waiting.isEmpty()) {
      batch.add(waiting.remove());
    }
    return batch;
  }

  /** This thread has a saga to go on with; what waits by now is for a task of its own. */
  private void passOn() {
    if (isRetired()) {
      return;
    }
    try {
      executor.execute(this::commitWhatWaits);
    } catch (RejectedExecutionException e) {
      commitWhatWaits();
    }
  }

  private void commitWhatWaits() {
    while (!isRetired()) {
      List<Waiting> batch = nextBatch();
      if (!batch.isEmpty()) {
        commit(batch);
        batch.forEach(this::goOn);
      }
    }
  }

  private boolean isRetired() {
    lock.lock();
    try {
      if (!waiting.isEmpty()) {
        return false;
      }
      committing--;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void commit(List<Waiting> batch) {
    try {
      List<Optional<SagaMoved>> results = batch.size() == 1
          ? List.of(Optional.of(rows.move(batch.get(0).row, batch.get(0).move)))
          : rows.moveAll(batch.stream().map(Waiting::write).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).result = results.get(i);
      }
    } catch (RuntimeException | Error e) {
      log.warn("{} sagas are written again, one by one: {}", batch.size(), e.toString());
    }
  }

  private void goOn(Waiting write) {
    try {
      executor.execute(() -> write.saga.goOn(() -> settle(write)));
    } catch (RejectedExecutionException e) {
      write.saga.stop(() -> write.result.isEmpty() ? null : settle(write));
    }
  }

  private @Nullable SagaRow settle(Waiting write) {
    Optional<SagaMoved> result = write.result;
    if (result.isEmpty()) {
      return rows.writeAgain(write.row, write.move);
    }
    return result.get().done()
        ? rows.moved(write.row, write.move, result.get().cancel())
        : rows.fenced(write.row);
  }

  /** Its fields belong to the thread that commits it, then to the one that goes on with it. */
  private static final class Waiting {

    final SagaRow row;
    final SagaMove move;
    final Continuation saga;
    /** Empty when nobody knows. */
    Optional<SagaMoved> result = Optional.empty();

    Waiting(SagaRow row, SagaMove move, Continuation saga) {
      this.row = row;
      this.move = move;
      this.saga = saga;
    }

    SagaWrite write() {
      return new SagaWrite(row.fence(), move);
    }
  }
}
