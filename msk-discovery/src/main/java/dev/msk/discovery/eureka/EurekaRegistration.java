package dev.msk.discovery.eureka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.core.Scheduler;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Registration;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance in Eureka. Its calls go one after another, so that a heartbeat under way cannot bring back what was just taken
 * out.
 */
final class EurekaRegistration implements Registration {

  private static final Logger log = LoggerFactory.getLogger(EurekaRegistry.class);
  private static final int NOT_FOUND = 404;
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);

  private final Instance instance;
  private final EurekaRegistry.Builder settings;
  private final EurekaHttp http;
  private final Consumer<EurekaRegistration> onClose;
  private final EurekaJson json = new EurekaJson();
  private final String path;
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Object lock = new Object();
  private CompletionStage<@Nullable Void> last = CompletableFuture.completedStage(null);
  private volatile State state;
  private volatile boolean known;
  private int failures;
  private volatile Scheduler.@Nullable Task next;

  EurekaRegistration(
      Instance instance,
      EurekaRegistry.Builder settings,
      EurekaHttp http,
      Consumer<EurekaRegistration> onClose) {
    this.instance = instance;
    this.settings = settings;
    this.http = http;
    this.onClose = onClose;
    this.state = instance.state();
    this.path = "/apps/" + encoded(EurekaJson.app(instance.service()));
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }

  @Override
  public Instance instance() {
    return instance;
  }

  @Override
  public CompletionStage<Void> registered() {
    return registered.minimalCompletionStage();
  }

  void start() {
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
        failures = 0;
        registered.complete(null);
      } else if (failures++ == 0) {
        log.warn(
            "{}: Eureka does not take the {}, it will be repeated: {}",
            instance.id(),
            known ? "heartbeat" : "registration",
            EurekaHttp.unwrap(error).toString());
      }
      if (!closed.get()) {
        next = settings.scheduler.schedule(pause(), () -> then(this::beat));
      }
      return null;
    });
  }

  private CompletionStage<@Nullable Void> renew() {
    return http.send("heartbeat", "PUT", itemPath(), null).thenCompose(reply -> {
      if (reply.status() == NOT_FOUND) {
        log.info("{}: Eureka has forgotten it, it is registered again", instance.id());
        known = false;
        return enter();
      }
      return expectOk("heartbeat", reply);
    });
  }

  private CompletionStage<@Nullable Void> enter() {
    State wanted = state;
    byte[] body = json.registration(instance, wanted, settings.heartbeat, settings.lease);
    return http.send("register", "POST", path, body)
        .thenCompose(reply -> expectOk("register", reply))
        .thenCompose(done -> override(wanted))
        .thenApply(done -> {
          known = true;
          log.info("{}: registered in Eureka as {}", instance.id(), EurekaJson.status(wanted));
          return null;
        });
  }

  /** A status that was set from outside outlives the process that it was set for: ours is put in its place. */
  private CompletionStage<@Nullable Void> override(State wanted) {
    String value = "/status?value=" + EurekaJson.status(wanted);
    String method = wanted == State.DRAINING ? "PUT" : "DELETE";
    return http.send("status", method, itemPath() + value, null)
        .thenCompose(reply -> expectOk("status", reply));
  }

  private CompletionStage<@Nullable Void> expectOk(String call, EurekaHttp.Reply reply) {
    return reply.isOk()
        ? CompletableFuture.completedStage(null)
        : CompletableFuture.failedStage(
            new IOException(call + ": status " + reply.status() + " (expected: 2xx)"));
  }

  private String itemPath() {
    return path + "/" + encoded(instance.id());
  }

  /** The heartbeat and a tenth less at most; after failures from half a second on, growing to the heartbeat. */
  private Duration pause() {
    Duration backoff = FIRST_RETRY.multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 16));
    boolean quick = failures > 0 && backoff.compareTo(settings.heartbeat) < 0;
    double share = settings.random.nextDouble(quick ? 0.5 : 0.9, 1);
    return Duration.ofNanos((long) ((quick ? backoff : settings.heartbeat).toNanos() * share));
  }

  @Override
  public CompletionStage<Void> drain(Duration propagation) {
    state = State.DRAINING;
    CompletableFuture<Void> drained = new CompletableFuture<>();
    then(() -> known ? override(State.DRAINING) : CompletableFuture.completedStage(null))
        .whenComplete((done, error) -> {
          if (error != null) {
            log.warn(
                "{}: Eureka could not be told that it drains: {}",
                instance.id(),
                EurekaHttp.unwrap(error).toString());
          }
          settings.scheduler.schedule(propagation, () -> drained.complete(null));
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
    CompletableFuture<@Nullable Void> left = then(() ->
            http.send("deregister", "DELETE", itemPath(), null).thenApply(reply -> null))
        .toCompletableFuture();
    try {
      left.get(settings.requestTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn(
          "{}: Eureka could not be told that it is gone, its lease will run out: {}",
          instance.id(),
          e.toString());
    }
  }
}
