package dev.msk.discovery.eureka;

import com.fasterxml.jackson.databind.JsonNode;
import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.Backoff;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.internal.RegistryHttp.Request;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at Eureka and reports to whoever watches a service: everything at first, then what changed, everything again when the
 * hash says that something was missed. Whoever watches may come and go on any thread, all other state
 * belongs to the serial executor.
 */
final class EurekaPoller implements DiscoverySource {

  private static final Logger log = LoggerFactory.getLogger(EurekaRegistry.class);

  /** The server forgets changes after three minutes: after a longer silence they are not all in its answer. */
  private static final Duration DELTA_REACH = Duration.ofMinutes(2);

  /** Two changes that cancel out in the hash would else be missed for ever. */
  private static final int DELTAS_IN_A_ROW = 20;

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  private final RegistryHttp http;
  private final Executor serial;
  private final Scheduler scheduler;
  private final Duration interval;
  private final Duration timeout;
  private final Backoff backoff;
  private final Ticker ticker;
  private final EurekaJson json = new EurekaJson();
  private final Map<Sink, String> sinks = new ConcurrentHashMap<>();

  private boolean started;
  private volatile boolean closed;
  private @Nullable EurekaView view;
  private @Nullable Throwable failure;
  private long answeredAt;
  private int deltas;
  private volatile Scheduler.@Nullable Task next;

  EurekaPoller(EurekaRegistry.Builder settings, RegistryHttp http, Executor serial) {
    this.http = http;
    this.serial = serial;
    this.scheduler = settings.scheduler;
    this.interval = settings.refreshInterval;
    this.timeout = settings.requestTimeout;
    this.backoff = new Backoff(FIRST_RETRY, interval, settings.random);
    this.ticker = settings.ticker;
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    sinks.put(sink, service);
    serial.execute(() -> begin(service, sink));
    return () -> sinks.remove(sink);
  }

  private void begin(String service, Sink sink) {
    if (failure != null) {
      sink.failed(failure);
    } else if (view != null) {
      sink.instances(view.instances(service));
    }
    if (!started) {
      started = true;
      poll();
    }
  }

  private void poll() {
    if (closed) {
      return;
    }
    EurekaView known = view;
    boolean deltaWillDo = known != null
        && failure == null
        && deltas < DELTAS_IN_A_ROW
        && ticker.nanoTime() - answeredAt < DELTA_REACH.toNanos();
    CompletionStage<EurekaView> look = deltaWillDo && known != null ? delta(known) : full();
    look.whenCompleteAsync(this::looked, serial);
  }

  /** The server caches both answers, each for itself: what the full one does not know yet may be among the changes. */
  private CompletionStage<EurekaView> full() {
    deltas = 0;
    CompletionStage<EurekaView> all = fetch("full", "/apps").thenApply(applications -> {
      try {
        return EurekaView.full(applications);
      } catch (IOException e) {
        throw new CompletionException(e);
      }
    });
    return all.thenCompose(view -> fetch("delta", "/apps/delta")
        .handle((applications, error) -> error == null ? view.completedBy(applications) : view));
  }

  private CompletionStage<EurekaView> delta(EurekaView known) {
    deltas++;
    return fetch("delta", "/apps/delta")
        .thenComposeAsync(
            applications -> {
              try {
                EurekaView changed = known.with(applications);
                String told = EurekaJson.textOr(applications, "apps__hashcode", "");
                if (told.equals(changed.statusCounts())) {
                  return CompletableFuture.completedStage(changed);
                }
                log.info(
                    "Eureka's hash is {}, ours is {}: all instances are fetched again",
                    told,
                    changed.statusCounts());
                return full();
              } catch (IOException e) {
                return CompletableFuture.failedStage(e);
              }
            },
            serial);
  }

  private CompletionStage<JsonNode> fetch(String call, String path) {
    Request request = new Request(call, "GET", path, null, timeout);
    return http.send(request).thenApply(reply -> {
      try {
        return json.applications(RegistryHttp.expectOk(request, reply).body());
      } catch (IOException e) {
        throw new CompletionException(e);
      }
    });
  }

  private void looked(@Nullable EurekaView seen, @Nullable Throwable error) {
    if (closed) {
      return;
    }
    if (seen != null) {
      view = seen;
      failure = null;
      backoff.succeeded();
      answeredAt = ticker.nanoTime();
      sinks.forEach((sink, service) -> sink.instances(seen.instances(service)));
    } else {
      Throwable cause = error == null ? new IOException("no answer") : RegistryHttp.unwrap(error);
      failure = cause;
      backoff.failed();
      sinks.forEach((sink, service) -> sink.failed(cause));
    }
    next = scheduler.schedule(pause(), () -> serial.execute(this::poll));
  }

  /** The interval and a fifth more or less; after failures from a second on, growing to the interval. */
  private Duration pause() {
    return backoff.isFailing() ? backoff.pause() : backoff.jittered(interval, 0.8, 1.2);
  }

  void close() {
    closed = true;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }
}
