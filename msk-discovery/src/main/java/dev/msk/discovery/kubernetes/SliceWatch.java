package dev.msk.discovery.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.msk.core.Scheduler;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.Backoff;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.internal.RegistryHttp.Reply;
import dev.msk.discovery.internal.RegistryHttp.Request;
import dev.msk.discovery.internal.RegistryHttp.StatusException;
import dev.msk.discovery.spi.DiscoverySource.Sink;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one service: a list, then watch after watch, a list again when Kubernetes has forgotten where we were.
 *
 * <p>Each step happens after the one before it; {@code closed}, {@code pending} and {@code next} are what {@link #close()} sees.
 */
final class SliceWatch implements Subscription {

  private static final int PAGE = 500;
  private static final int GONE = 410;
  private static final Duration LEAST_INTERVAL = Duration.ofSeconds(1);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Sink sink;
  private final KubernetesSource.Builder settings;
  private final RegistryHttp http;
  private final Consumer<SliceWatch> onClose;
  private final String service;
  private final String path;
  private final Backoff backoff;
  private EndpointSlices slices;
  private String version = "";
  private long begunAt;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<Reply> pending;
  private volatile Scheduler.@Nullable Task next;

  SliceWatch(
      String service,
      Sink sink,
      KubernetesSource.Builder settings,
      RegistryHttp http,
      Consumer<SliceWatch> onClose) {
    this.service = service;
    this.sink = sink;
    this.settings = settings;
    this.http = http;
    this.onClose = onClose;
    this.path = "/apis/discovery.k8s.io/v1/namespaces/" + settings.namespace
        + "/endpointslices?labelSelector=" + encoded("kubernetes.io/service-name=" + service);
    this.backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, settings.random);
    this.slices = new EndpointSlices(service, settings.portName);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, UTF_8);
  }

  void start() {
    settings.executor.execute(this::list);
  }

  private void list() {
    begunAt = settings.ticker.nanoTime();
    page(new EndpointSlices(service, settings.portName), "");
  }

  private void page(EndpointSlices fresh, String from) {
    String continued = from.isEmpty() ? "" : "&continue=" + encoded(from);
    Request request = new Request(
        "list", "GET", path + "&limit=" + PAGE + continued, null, settings.requestTimeout);
    await(request, http.send(request), body -> {
      JsonNode list = MAPPER.readTree(body);
      if (!list.path("items").isArray()) {
        throw new IOException("items: missing (expected: a list of slices)");
      }
      for (JsonNode slice : list.path("items")) {
        fresh.put(slice);
      }
      JsonNode metadata = list.path("metadata");
      String rest = metadata.path("continue").asText();
      if (!rest.isEmpty()) {
        page(fresh, rest);
        return;
      }
      slices = fresh;
      version = metadata.path("resourceVersion").asText();
      report();
      watch();
    });
  }

  private void watch() {
    begunAt = settings.ticker.nanoTime();
    Duration lasts = backoff.jittered(settings.watchTimeout, 5.0 / 6, 7.0 / 6);
    String query = "&watch=true&allowWatchBookmarks=true&resourceVersion=" + encoded(version)
        + "&timeoutSeconds=" + Math.max(1, lasts.toSeconds());
    Request request =
        new Request("watch", "GET", path + query, null, lasts.plus(settings.requestTimeout));
    await(request, http.lines(request, this::event), rest -> {
      report();
      after(sinceBegun(LEAST_INTERVAL), this::watch);
    });
  }

  private void event(byte[] line) throws IOException {
    if (closed) {
      return;
    }
    JsonNode event = MAPPER.readTree(line);
    JsonNode object = event.path("object");
    String type = event.path("type").asText();
    switch (type) {
      case "ADDED", "MODIFIED" -> slices.put(object);
      case "DELETED" -> slices.remove(object);
      case "BOOKMARK" -> {}
      case "ERROR" -> throw error(object);
      default ->
        throw new IOException(
            "type: " + type + " (expected: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR)");
    }
    version = object.path("metadata").path("resourceVersion").asText(version);
    report();
  }

  private static IOException error(JsonNode status) {
    return status.path("code").asInt() == GONE
        ? new GoneException()
        : new IOException("watch: " + status.path("message").asText());
  }

  private void report() throws IOException {
    sink.instances(slices.instances());
    backoff.succeeded();
  }

  /** Goes on with what has come, on the executor; with a list after a failure. */
  private void await(Request request, CompletableFuture<Reply> call, Step then) {
    pending = call;
    if (closed) {
      call.cancel(true);
    }
    var unused = call.whenCompleteAsync(
        (reply, error) -> {
          Throwable failure = error;
          if (reply != null && !closed) {
            try {
              then.take(RegistryHttp.expectOk(request, reply).body());
            } catch (IOException | RuntimeException e) {
              failure = e;
            }
          }
          if (failure != null && !closed) {
            failed(RegistryHttp.unwrap(failure));
          }
        },
        settings.executor);
  }

  private void failed(Throwable failure) {
    boolean gone = failure instanceof GoneException
        || (failure instanceof StatusException refused && refused.status() == GONE);
    if (gone && !version.isEmpty()) {
      version = "";
      after(sinceBegun(LEAST_INTERVAL), this::list);
      return;
    }
    backoff.failed();
    sink.failed(failure);
    after(backoff.pause(), this::list);
  }

  /** What is left of an interval that began with the last list or watch. */
  private Duration sinceBegun(Duration interval) {
    Duration took = Duration.ofNanos(settings.ticker.nanoTime() - begunAt);
    return took.compareTo(interval) >= 0 ? Duration.ZERO : interval.minus(took);
  }

  private void after(Duration pause, Runnable step) {
    next = settings.scheduler.schedule(
        pause,
        () -> settings.executor.execute(() -> {
          if (!closed) {
            step.run();
          }
        }));
    if (closed) {
      close();
    }
  }

  @Override
  public void close() {
    closed = true;
    onClose.accept(this);
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
    CompletableFuture<Reply> last = pending;
    if (last != null) {
      last.cancel(true);
    }
  }

  @FunctionalInterface
  private interface Step {

    void take(byte[] body) throws IOException;
  }

  /** Kubernetes does not have the version any more from which the watch was to go on. */
  private static final class GoneException extends IOException {

    private static final long serialVersionUID = 1;

    GoneException() {
      super("watch: the version is gone");
    }
  }
}
