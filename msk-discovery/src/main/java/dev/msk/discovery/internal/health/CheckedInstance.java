package dev.msk.discovery.internal.health;

import dev.msk.core.Scheduler;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An instance, asked from time to time until it is closed. Thread-safe; of its probes, one is under way at a time.
 *
 * <p>It changes sides when enough answers in a row contradict what is believed of it.
 */
final class CheckedInstance {

  private final Instance instance;
  private final HealthSettings settings;
  private final ProbeGate gate;
  private final BiConsumer<CheckedInstance, @Nullable Throwable> changed;
  private volatile boolean down;
  private volatile boolean closed;
  private Scheduler.@Nullable Task next;
  private int contradictions;

  CheckedInstance(
      Instance instance,
      HealthSettings settings,
      ProbeGate gate,
      BiConsumer<CheckedInstance, @Nullable Throwable> changed) {
    this.instance = instance;
    this.settings = settings;
    this.gate = gate;
    this.changed = changed;
  }

  Instance instance() {
    return instance;
  }

  boolean isDown() {
    return down;
  }

  Instance asBelieved() {
    return down ? instance.withState(State.DOWN) : instance;
  }

  synchronized void start() {
    next = settings.scheduler().schedule(settings.first(), this::due);
  }

  private void due() {
    if (!closed) {
      gate.enter(this::probe);
    }
  }

  private void probe() {
    if (closed) {
      gate.leave();
      return;
    }
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<?> asked = ask();
    Scheduler.Task end = settings.scheduler().schedule(settings.timeout(), () -> {
      late.set(true);
      asked.cancel(true);
    });
    var unused = asked.whenComplete((answer, error) -> {
      end.cancel();
      gate.leave();
      answered(late.get() ? new TimeoutException("no answer within " + settings.timeout()) : error);
    });
  }

  private CompletableFuture<?> ask() {
    try {
      return settings.probe().check(instance, settings.timeout()).toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answered(@Nullable Throwable error) {
    boolean turns;
    synchronized (this) {
      if (closed) {
        return;
      }
      contradictions = (error != null) == down ? 0 : contradictions + 1;
      turns = contradictions >= (down ? settings.healthyAfter() : settings.unhealthyAfter());
      if (turns) {
        down = !down;
        contradictions = 0;
      }
      next = settings.scheduler().schedule(settings.next(), this::due);
    }
    if (turns) {
      changed.accept(this, error);
    }
  }

  synchronized void close() {
    closed = true;
    if (next != null) {
      next.cancel();
    }
  }
}
