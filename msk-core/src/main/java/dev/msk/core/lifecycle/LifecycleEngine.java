package dev.msk.core.lifecycle;

import static dev.msk.core.lifecycle.LifecycleTransition.BREAK_OFF;
import static dev.msk.core.lifecycle.LifecycleTransition.DRAIN;
import static dev.msk.core.lifecycle.LifecycleTransition.DROP;
import static dev.msk.core.lifecycle.LifecycleTransition.END;
import static dev.msk.core.lifecycle.LifecycleTransition.FAIL;
import static dev.msk.core.lifecycle.LifecycleTransition.START;
import static dev.msk.core.lifecycle.LifecycleTransition.STOP;
import static dev.msk.core.lifecycle.LifecycleTransition.UP;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a lifecycle along its table. One thread at a time acts: the one that starts, then the one that ends; the gate guards who
 * that is, and nothing of a part is called while it is locked. Thread-safe.
 */
final class LifecycleEngine {

  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

  record Settings(Duration drainDelay, Duration within, Ticker ticker) {}

  private final String name;
  private final List<Part> parts;
  private final Settings settings;
  private final StepThread steps;
  private final LifecycleTelemetry telemetry;
  private final AtomicReference<List<String>> unready = new AtomicReference<>(List.of());
  private final Gate gate = new Gate();

  // Guarded by the gate; the phase is read without it.
  private final List<Part> up = new ArrayList<>();
  private volatile LifecyclePhase phase = LifecyclePhase.NEW;
  private boolean closing;
  private boolean drained;
  private @Nullable Thread starter;
  private @Nullable Thread ender;
  private @Nullable Part starting;
  private boolean brokenOff;
  private boolean givenUp;

  LifecycleEngine(
      String name,
      List<Part> parts,
      Settings settings,
      ThreadFactory threads,
      LifecycleTelemetry telemetry) {
    this.name = name;
    this.parts = parts;
    this.settings = settings;
    this.steps = new StepThread(threads, settings.ticker);
    this.telemetry = telemetry;
    parts.stream().filter(part -> part.start == null).forEach(up::add);
  }

  LifecyclePhase phase() {
    return phase;
  }

  boolean isReady() {
    if (phase != LifecyclePhase.RUNNING) {
      return false;
    }
    List<String> missing =
        parts.stream().filter(part -> !isReady(part)).map(Part::name).toList();
    if (!unready.getAndSet(missing).equals(missing)) {
      log.info("{}: {}", name, missing.isEmpty() ? "ready" : "not ready: " + missing);
    }
    return missing.isEmpty() && phase == LifecyclePhase.RUNNING;
  }

  private boolean isReady(Part part) {
    try {
      return part.ready.getAsBoolean();
    } catch (RuntimeException e) {
      log.debug("{}: {} cannot say whether it is ready", name, part.name, e);
      return false;
    }
  }

  void awaitStop() throws InterruptedException {
    gate.lock();
    try {
      gate.await(() -> phase == LifecyclePhase.STOPPED);
    } finally {
      gate.unlock();
    }
  }

  // Start.

  void start() {
    long begin = settings.ticker.nanoTime();
    gate.lock();
    try {
      if (phase != LifecyclePhase.NEW || closing) {
        throw new IllegalStateException("phase: " + phase + " (expected: NEW, and not closed)");
      }
      starter = Thread.currentThread();
      move(START);
    } finally {
      gate.unlock();
    }
    telemetry.moved(START);
    log.info("{}: starting {} parts", name, parts.size());
    LifecycleException failure = null;
    for (Part part : parts) {
      failure = part.start == null ? null : start(part, part.start);
      if (failure != null) {
        break;
      }
    }
    if (failure == null) {
      failure = finishStart(begin);
    }
    if (failure != null) {
      undoStart(failure);
      throw failure;
    }
  }

  private @Nullable LifecycleException start(Part part, Part.Action action) {
    gate.lock();
    try {
      if (closing) {
        return LifecycleException.closed(name, null, null);
      }
      starting = part;
    } finally {
      gate.unlock();
    }
    Throwable error = null;
    try (Operation operation = telemetry.begin(part, "start")) {
      long begin = settings.ticker.nanoTime();
      try {
        action.run();
        log.info("{}: {} started in {} ms", name, part.name, millisSince(begin));
      } catch (Throwable e) {
        error = e;
        operation.error(e);
      }
    }
    return started(part, error);
  }

  private @Nullable LifecycleException started(Part part, @Nullable Throwable error) {
    boolean late;
    boolean closed;
    gate.lock();
    try {
      starting = null;
      closed = closing;
      late = givenUp && error == null;
      if (error == null && !late) {
        up.add(part);
      }
      if (brokenOff) {
        Thread.interrupted(); // was ours, and is not meant for what comes next
      } else if (error instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
    } finally {
      gate.unlock();
    }
    if (late && part.stop != null) {
      run(part, "stop", part.stop, part.bound);
    }
    if (error == null) {
      return null;
    }
    if (closed) {
      log.info("{}: start of {} broken off", name, part.name);
      return LifecycleException.closed(name, part.name, error);
    }
    log.error("{}: {} did not start: {}", name, part.name, error.toString());
    return LifecycleException.failed(name, part.name, error);
  }

  private @Nullable LifecycleException finishStart(long begin) {
    gate.lock();
    try {
      if (closing) {
        return LifecycleException.closed(name, null, null);
      }
      starter = null;
      move(UP);
    } finally {
      gate.unlock();
    }
    telemetry.moved(UP);
    log.info("{}: running after {} ms", name, millisSince(begin));
    return null;
  }

  private void undoStart(LifecycleException failure) {
    boolean mine;
    gate.lock();
    try {
      starter = null;
      mine = ender == null;
      if (mine) {
        ender = Thread.currentThread();
      }
      gate.changed();
      if (!mine) {
        gate.awaitPatiently(() -> phase == LifecyclePhase.STOPPED);
      }
    } finally {
      gate.unlock();
    }
    if (mine) {
      Budget budget = budget(Duration.ZERO, count(false));
      stopParts(failure.closed() ? BREAK_OFF : FAIL, budget).forEach(failure::addSuppressed);
    }
  }

  // End.

  void drain() {
    boolean goOn;
    gate.lock();
    try {
      if (phase == LifecyclePhase.DRAINING && !drained && !isWithin()) {
        gate.awaitPatiently(() -> drained);
        return;
      }
      if (phase != LifecyclePhase.RUNNING || ender != null) {
        return;
      }
      ender = Thread.currentThread();
      move(DRAIN);
    } finally {
      gate.unlock();
    }
    Budget budget = budget(settings.drainDelay, count(true));
    drainParts(budget);
    gate.lock();
    try {
      goOn = closing;
      if (!goOn) {
        ender = null;
      }
    } finally {
      gate.unlock();
    }
    if (goOn) {
      stopParts(STOP, budget);
    }
  }

  void close() {
    gate.lock();
    try {
      if (phase == LifecyclePhase.STOPPED) {
        return;
      }
      closing = true;
      Thread me = Thread.currentThread();
      if (me == starter || (ender != null && isWithin())) {
        return; // whoever called this part goes on from here
      }
      if (ender != null) {
        gate.awaitPatiently(() -> phase == LifecyclePhase.STOPPED);
        return;
      }
      ender = me;
      if (phase == LifecyclePhase.RUNNING) {
        move(DRAIN);
      }
    } finally {
      gate.unlock();
    }
    end();
  }

  /** The gate is held: whether the calling thread is the one that ends, or within a part. */
  private boolean isWithin() {
    return Thread.currentThread() == ender || steps.isCurrent();
  }

  /** In the thread that ends: from where the lifecycle is to its last phase. */
  private void end() {
    switch (phase) {
      case NEW -> stopParts(DROP, budget(Duration.ZERO, count(false)));
      case STARTING -> {
        Budget budget = budget(Duration.ZERO, parts.size() + 1);
        breakOff(budget);
        stopParts(BREAK_OFF, budget);
      }
      case DRAINING -> {
        Budget budget;
        if (drained) {
          budget = budget(Duration.ZERO, count(false));
        } else {
          budget = budget(settings.drainDelay, count(true));
          drainParts(budget);
        }
        stopParts(STOP, budget);
      }
      default -> throw new IllegalStateException("phase: " + phase);
    }
  }

  /** Has the starting thread give up, and waits until it has. */
  private void breakOff(Budget budget) {
    Part hung = null;
    gate.lock();
    try {
      Part current = starting;
      if (current != null && starter != null) {
        brokenOff = true;
        starter.interrupt();
      }
      Duration bound = budget.next(current == null ? settings.within : current.bound);
      if (!gate.awaitPatiently(() -> starter == null, Deadline.after(bound, settings.ticker))) {
        givenUp = true;
        hung = starting;
      }
    } finally {
      gate.unlock();
    }
    if (hung != null) {
      log.warn("{}: the start of {} does not end; left to itself", name, hung.name);
    }
  }

  private void drainParts(Budget budget) {
    telemetry.moved(DRAIN);
    log.info("{}: draining, not ready from now on", name);
    long begin = settings.ticker.nanoTime();
    if (!settings.drainDelay.isZero()) {
      log.info("{}: waiting {} for balancers to notice", name, settings.drainDelay);
      gate.lock();
      try {
        gate.awaitPatiently(() -> false, Deadline.after(settings.drainDelay, settings.ticker));
      } finally {
        gate.unlock();
      }
    }
    for (Part part : lastFirst()) {
      if (part.drain != null) {
        run(part, "drain", part.drain, budget.next(part.bound));
      }
    }
    log.info("{}: drained in {} ms", name, millisSince(begin));
    gate.lock();
    try {
      drained = true;
      gate.changed();
    } finally {
      gate.unlock();
    }
  }

  private List<Throwable> stopParts(LifecycleTransition transition, Budget budget) {
    gate.lock();
    try {
      move(transition);
    } finally {
      gate.unlock();
    }
    telemetry.moved(transition);
    List<Part> stopped = lastFirst();
    log.info("{}: stopping {} ({})", name, stopped.stream().map(Part::name).toList(), transition);
    long begin = settings.ticker.nanoTime();
    List<Throwable> errors = new ArrayList<>();
    for (Part part : stopped) {
      Throwable error =
          part.stop == null ? null : run(part, "stop", part.stop, budget.next(part.bound));
      if (error != null) {
        errors.add(error);
      }
    }
    log.info("{}: stopped in {} ms", name, millisSince(begin));
    telemetry.moved(END);
    gate.lock();
    try {
      move(END);
    } finally {
      gate.unlock();
    }
    return errors;
  }

  /** Runs one step of a part within a bound; what went wrong is logged and returned. */
  private @Nullable Throwable run(Part part, String step, Part.Action action, Duration bound) {
    long begin = settings.ticker.nanoTime();
    try (Operation operation = telemetry.begin(part, step)) {
      try {
        steps.run(
            action,
            bound,
            () -> log.info(
                "{}: {} of {}, left before, ended after {} ms",
                name,
                step,
                part.name,
                millisSince(begin)));
        log.info("{}: {} of {} done in {} ms", name, step, part.name, millisSince(begin));
        return null;
      } catch (StepThread.LeftException e) {
        operation.outcome("left");
        log.warn(
            "{}: {} of {} not done within {} ms; interrupted and left to itself",
            name,
            step,
            part.name,
            bound.toMillis());
        return new TimeoutException(step + " of " + part.name + ": " + e.getMessage());
      } catch (Throwable e) {
        operation.error(e);
        log.error("{}: {} of {} failed after {} ms", name, step, part.name, millisSince(begin), e);
        return e;
      }
    }
  }

  private List<Part> lastFirst() {
    gate.lock();
    try {
      return parts.stream()
          .filter(up::contains)
          .collect(ArrayList::new, (reversed, part) -> reversed.add(0, part), (a, b) -> {});
    } finally {
      gate.unlock();
    }
  }

  private Budget budget(Duration spoken, int steps) {
    return new Budget(settings.within, spoken, steps, settings.ticker);
  }

  private int count(boolean withDrain) {
    return lastFirst().stream()
        .mapToInt(part -> (part.stop == null ? 0 : 1) + (withDrain && part.drain != null ? 1 : 0))
        .sum();
  }

  /** The gate is held. */
  private void move(LifecycleTransition transition) {
    if (phase != transition.from()) {
      throw new IllegalStateException(
          "phase: " + phase + " (expected: " + transition.from() + " for " + transition + ")");
    }
    phase = transition.to();
    gate.changed();
  }

  private long millisSince(long begin) {
    return Duration.ofNanos(settings.ticker.nanoTime() - begin).toMillis();
  }
}
