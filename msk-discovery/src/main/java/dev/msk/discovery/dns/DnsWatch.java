package dev.msk.discovery.dns;

import dev.msk.core.Scheduler;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.Backoff;
import dev.msk.discovery.spi.DiscoverySource.Sink;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Look after look at one service. Each step happens after the one before it; {@code closed} and {@code next} are what {@link
 * #close()} sees.
 */
final class DnsWatch implements Subscription {

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  private static final Duration UNTIL_A_NAME_APPEARS = Duration.ofSeconds(5);

  private final String service;
  private final Sink sink;
  private final DnsSource.Builder settings;
  private final DnsLookup lookup;
  private final Consumer<DnsWatch> onClose;
  private final Backoff backoff;
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task next;

  DnsWatch(
      String service,
      Sink sink,
      DnsSource.Builder settings,
      DnsLookup lookup,
      Consumer<DnsWatch> onClose) {
    this.service = service;
    this.sink = sink;
    this.settings = settings;
    this.lookup = lookup;
    this.onClose = onClose;
    this.backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, settings.random);
  }

  void start() {
    settings.executor.execute(this::look);
  }

  private void look() {
    if (closed) {
      return;
    }
    lookup.instances(service).whenCompleteAsync(this::seen, settings.executor);
  }

  private void seen(DnsLookup.@Nullable Answer answer, @Nullable Throwable error) {
    if (closed) {
      return;
    }
    if (answer != null) {
      backoff.succeeded();
      sink.instances(answer.instances());
    } else {
      backoff.failed();
      Throwable cause = error == null ? new IOException("no answer") : unwrap(error);
      sink.failed(cause);
    }
    next = settings.scheduler.schedule(
        answer == null ? backoff.pause() : untilNext(answer),
        () -> settings.executor.execute(this::look));
    if (closed) {
      close();
    }
  }

  private static Throwable unwrap(Throwable error) {
    Throwable cause = error.getCause();
    return error instanceof CompletionException && cause != null ? cause : error;
  }

  private Duration untilNext(DnsLookup.Answer answer) {
    Duration shortest = answer.ttl();
    Duration ttl = shortest == null ? UNTIL_A_NAME_APPEARS : shortest;
    Duration least = ttl.compareTo(settings.minInterval) > 0 ? ttl : settings.minInterval;
    Duration most = least.compareTo(settings.maxInterval) < 0 ? least : settings.maxInterval;
    return backoff.jittered(most, 0.9, 1.1);
  }

  @Override
  public void close() {
    closed = true;
    onClose.accept(this);
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }
}
