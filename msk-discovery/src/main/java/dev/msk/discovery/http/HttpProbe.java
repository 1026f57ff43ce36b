package dev.msk.discovery.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.Faults;
import dev.msk.discovery.Instance;
import dev.msk.discovery.internal.BoundedBody;
import dev.msk.discovery.internal.PeerClients;
import dev.msk.discovery.spi.Probe;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Asks by {@code GET}: an instance with a status of 200 to 299 and a body of at most 64 KiB can take calls. Redirects are not
 * followed. Over TLS the certificate must name the service, as for {@link DiscoveringHttpClient}. Thread-safe; each service has a
 * client of the JDK's, whose one selector thread ends when it is no longer used.
 */
public final class HttpProbe implements Probe {

  private static final int MAX_BODY = 64 << 10;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final String path;
  private final PeerClients clients;

  private HttpProbe(Builder builder) {
    this.path = builder.path;
    // The timeout of the probe is shorter, or meant to be longer.
    this.clients = new PeerClients(
        builder.tls, HttpClient.Version.HTTP_1_1, CONNECT_TIMEOUT, builder.executor);
  }

  /**
   * A probe over HTTP/1.1, with the JVM's trust where an instance speaks TLS.
   *
   * @param path and query, from the first slash on, for example {@code /health/ready}
   * @param executor runs what comes back
   * @return a builder with these defaults
   */
  public static Builder builder(String path, Executor executor) {
    return new Builder(path, executor);
  }

  @Override
  public CompletionStage<?> check(Instance instance, Duration timeout) {
    URI uri = URI.create((instance.tls() ? "https://" : "http://") + instance.authority() + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        clients.client(instance.service()).sendAsync(request, BoundedBody.handler(MAX_BODY));
    // Of its own: those of newer JDKs may end with the exchange before they are cancelled.
    CompletableFuture<Void> answer = new CompletableFuture<>();
    var unusedJudged = exchange.thenAccept(HttpProbe::judge).whenComplete((nothing, error) -> {
      if (error == null) {
        answer.complete(null);
      } else {
        answer.completeExceptionally(error);
      }
    });
    var unused = answer.whenComplete((nothing, error) -> {
      // A body that stalls is given up with the answer.
      exchange.cancel(true);
    });
    return answer;
  }

  private static void judge(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status < 200 || status > 299) {
      throw new CompletionException(
          new IOException(response.uri() + ": status " + status + " (expected: 200 to 299)"));
    }
  }

  /** Builds an {@link HttpProbe}. Confined to one thread. */
  public static final class Builder {

    private final String path;
    private final Executor executor;
    private @Nullable TlsSource tls;

    private Builder(String path, Executor executor) {
      this.path = requireNonNull(path, "path");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets identity and trust for instances that speak TLS.
     *
     * @param value default the JVM's trust, without an identity
     * @return this
     */
    public Builder tls(TlsSource value) {
      this.tls = requireNonNull(value, "tls");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a probe
     * @throws IllegalArgumentException if the path is none
     */
    public HttpProbe build() {
      new Faults()
          .check(isPath(path), "path", path, "a path, from the first slash on")
          .report();
      return new HttpProbe(this);
    }

    private static boolean isPath(String path) {
      try {
        return path.startsWith("/") && URI.create("http://host" + path).getRawFragment() == null;
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
  }
}
