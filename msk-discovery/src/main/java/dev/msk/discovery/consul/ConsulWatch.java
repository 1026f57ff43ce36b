package dev.msk.discovery.consul;

import dev.msk.core.Scheduler;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.Backoff;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.internal.RegistryHttp.Reply;
import dev.msk.discovery.internal.RegistryHttp.Request;
import dev.msk.discovery.spi.DiscoverySource.Sink;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Blocking queries on one service, one after another, each with the index that the one before it was answered with.
 *
 * <p>Each step happens after the one before it; {@code closed}, {@code query} and {@code next} are what {@link #close()} sees.
 */
final class ConsulWatch implements Subscription {

  private static final Duration LEAST_INTERVAL = Duration.ofMillis(200);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

  private final Sink sink;
  private final ConsulRegistry.Builder settings;
  private final RegistryHttp http;
  private final Consumer<ConsulWatch> onClose;
  private final ConsulJson json = new ConsulJson();
  private final String service;
  private final Backoff backoff;
  private long index;
  private long askedAt;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<Reply> query;
  private volatile Scheduler.@Nullable Task next;

  ConsulWatch(
      String service,
      Sink sink,
      ConsulRegistry.Builder settings,
      RegistryHttp http,
      Consumer<ConsulWatch> onClose) {
    this.service = service;
    this.sink = sink;
    this.settings = settings;
    this.http = http;
    this.onClose = onClose;
    this.backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, settings.random);
  }

  void start() {
    settings.executor.execute(this::ask);
  }

  private void ask() {
    if (closed) {
      return;
    }
    askedAt = settings.ticker.nanoTime();
    Request request = request();
    CompletableFuture<Reply> asked = http.send(request);
    query = asked;
    if (closed) {
      asked.cancel(true);
    }
    var unused = asked.whenCompleteAsync(
        (reply, error) -> answered(request, reply, error), settings.executor);
  }

  private Request request() {
    StringBuilder path =
        new StringBuilder("/v1/health/service/").append(ConsulJson.encoded(service));
    char separator = '?';
    if (!settings.datacenter.isEmpty()) {
      path.append("?dc=").append(ConsulJson.encoded(settings.datacenter));
      separator = '&';
    }
    if (index == 0) {
      return new Request("health", "GET", path.toString(), null, settings.requestTimeout);
    }
    path.append(separator)
        .append("index=")
        .append(index)
        .append("&wait=")
        .append(settings.wait.toMillis())
        .append("ms");
    Duration longest =
        settings.wait.plus(settings.wait.dividedBy(16)).plus(settings.requestTimeout);
    return new Request("health", "GET", path.toString(), null, longest);
  }

  private void answered(Request request, @Nullable Reply reply, @Nullable Throwable error) {
    if (closed) {
      return;
    }
    Throwable failure = reply == null
        ? error == null ? new IOException("no answer") : RegistryHttp.unwrap(error)
        : report(request, reply);
    if (failure == null) {
      backoff.succeeded();
    } else {
      index = 0;
      backoff.failed();
      sink.failed(failure);
    }
    Duration pause = pause();
    if (pause.isZero()) {
      ask();
    } else {
      next = settings.scheduler.schedule(pause, () -> settings.executor.execute(this::ask));
      if (closed) {
        close();
      }
    }
  }

  private @Nullable Throwable report(Request request, Reply reply) {
    try {
      sink.instances(
          json.instances(service, RegistryHttp.expectOk(request, reply).body()));
      index = following(reply);
      return null;
    } catch (IOException | RuntimeException e) {
      return RegistryHttp.unwrap(e);
    }
  }

  /** Zero asks without waiting: the index went backwards, as after a restore. An answer without an index waits from one on. */
  private long following(Reply reply) {
    long reported =
        reply.headers().firstValue("X-Consul-Index").map(ConsulWatch::number).orElse(0L);
    return reported < index ? 0 : Math.max(1, reported);
  }

  private static long number(String text) {
    try {
      return Long.parseUnsignedLong(text) < 0 ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private Duration pause() {
    if (backoff.isFailing()) {
      return backoff.pause();
    }
    Duration took = Duration.ofNanos(settings.ticker.nanoTime() - askedAt);
    return took.compareTo(LEAST_INTERVAL) >= 0 ? Duration.ZERO : LEAST_INTERVAL.minus(took);
  }

  @Override
  public void close() {
    closed = true;
    onClose.accept(this);
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
    CompletableFuture<Reply> pending = query;
    if (pending != null) {
      pending.cancel(true);
    }
  }
}
