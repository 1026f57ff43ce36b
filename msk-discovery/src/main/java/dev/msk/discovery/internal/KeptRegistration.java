package dev.msk.discovery.internal;

import dev.msk.core.Scheduler;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Registration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one instance in a registry: enters it, beats, enters it again when it was forgotten, repeats what fails. Calls go one
 * after another, so that a heartbeat under way cannot bring back what was just taken out. Thread-safe.
 */
public final class KeptRegistration implements Registration {

  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);

  private final Instance instance;
  private final RegistryEntry entry;
  private final Settings settings;
  private final Consumer<KeptRegistration> onClose;
  private final Backoff backoff;
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Object lock = new Object();
  private CompletionStage<@Nullable Void> last = CompletableFuture.completedStage(null);
  private volatile State state;
  private volatile boolean known;
  private volatile Scheduler.@Nullable Task next;

  /**
   * How it is kept.
   *
   * @param registry its name, for the log
   * @param heartbeat time between two beats
   * @param patience how long {@link #close()} waits for the registry
   * @param scheduler times beats
   * @param random jitters them
   */
  public record Settings(
      String registry,
      Duration heartbeat,
      Duration patience,
      Scheduler scheduler,
      RandomGenerator random) {}

  /**
   * Creates it; {@link #start()} begins.
   *
   * @param instance to keep
   * @param entry its calls
   * @param settings how it is kept
   * @param onClose is told when it ends
   */
  public KeptRegistration(
      Instance instance,
      RegistryEntry entry,
      Settings settings,
      Consumer<KeptRegistration> onClose) {
    this.instance = instance;
    this.entry = entry;
    this.settings = settings;
    this.onClose = onClose;
    this.backoff = new Backoff(FIRST_RETRY, settings.heartbeat(), settings.random());
    this.state = instance.state();
  }

  @Override
  public Instance instance() {
    return instance;
  }

  @Override
  public CompletionStage<Void> registered() {
    return registered.minimalCompletionStage();
  }

  /** Enters the instance, and goes on. */
  public void start() {
    then(this::beat);
  }

  /** Runs a step after those before it, whatever became of them. */
  private CompletionStage<@Nullable Void> then(Supplier<CompletionStage<@Nullable Void>> step) {
    synchronized (lock) {
      last = last.handle((done, error) -> step.get()).thenCompose(stage -> stage);
      return last;
    }
  }

  private CompletionStage<@Nullable Void> beat() {
    if (closed.get()) {
      return CompletableFuture.completedStage(null);
    }
    CompletionStage<@Nullable Void> step = known ? renew() : enter();
    return step.handle((done, error) -> {
      if (error == null) {
        backoff.succeeded();
        registered.complete(null);
      } else if (backoff.failed() == 1) {
        log.warn(
            "{}: {} does not take the {}, it will be repeated: {}",
            instance.id(),
            settings.registry(),
            known ? "heartbeat" : "registration",
            RegistryHttp.unwrap(error).toString());
      }
      if (!closed.get()) {
        next = settings.scheduler().schedule(pause(), () -> then(this::beat));
      }
      return null;
    });
  }

  private CompletionStage<@Nullable Void> renew() {
    return entry.renew(state).thenCompose(isKnown -> {
      if (isKnown) {
        return CompletableFuture.completedStage(null);
      }
      log.info(
          "{}: {} has forgotten it, it is registered again", instance.id(), settings.registry());
      known = false;
      return enter();
    });
  }

  private CompletionStage<@Nullable Void> enter() {
    State wanted = state;
    return entry.enter(wanted).thenApply(done -> {
      known = true;
      log.info("{}: registered in {} as {}", instance.id(), settings.registry(), wanted);
      return null;
    });
  }

  /** The heartbeat and a tenth less at most; after failures from half a second on, growing to the heartbeat. */
  private Duration pause() {
    return backoff.isFailing() ? backoff.pause() : backoff.jittered(settings.heartbeat(), 0.9, 1);
  }

  @Override
  public CompletionStage<Void> drain(Duration propagation) {
    state = State.DRAINING;
    CompletableFuture<Void> drained = new CompletableFuture<>();
    then(() -> known ? entry.drain() : CompletableFuture.completedStage(null))
        .whenComplete((done, error) -> {
          if (error != null) {
            log.warn(
                "{}: {} could not be told that it drains: {}",
                instance.id(),
                settings.registry(),
                RegistryHttp.unwrap(error).toString());
          }
          settings.scheduler().schedule(propagation, () -> drained.complete(null));
        });
    return drained.minimalCompletionStage();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    onClose.accept(this);
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
    registered.completeExceptionally(
        new IllegalStateException(instance.id() + ": closed before it was registered"));
    CompletableFuture<@Nullable Void> left = then(entry::leave).toCompletableFuture();
    try {
      left.get(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn(
          "{}: {} could not be told that it is gone, its lease will run out: {}",
          instance.id(),
          settings.registry(),
          e.toString());
    }
  }
}
