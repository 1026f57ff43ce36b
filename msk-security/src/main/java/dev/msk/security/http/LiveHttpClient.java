package dev.msk.security.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.ClientGeneration;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's HTTP client with the present generation of a {@link TlsSource}, to be used like any other.
 *
 * <p><b>Guarantee.</b> A request that is sent after the source has changed goes over no connection from before: such a client
 * has a pool for each generation, and uses the newest. Requests that are under way go on over the connection that they have, which is used by
 * none after them; so neither an exchange of certificates nor an authority that is added or taken away drops a request.
 *
 * <p>Idle connections of an older generation are closed at once from JDK 21 on; before, the JDK closes them when it collects the old client as
 * garbage, and those by HTTP/1.1 at the latest when nothing has come over them for {@code jdk.httpclient.keepalive.timeout} seconds: a property of
 * the process, 1,200 by default in JDK 17. Nothing is sent over them meanwhile.
 *
 * <p>Thread-safe.
 */
public final class LiveHttpClient extends ForwardingHttpClient implements AutoCloseable {

  private final TlsSource source;
  private final String peer;
  private final Supplier<HttpClient.Builder> settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final TlsSource.Registration registration;
  private volatile ClientGeneration current;
  private volatile boolean closed;

  private LiveHttpClient(TlsSource source, String peer, Supplier<HttpClient.Builder> settings) {
    this.source = source;
    this.peer = peer;
    this.settings = settings;
    this.current = made();
    this.registration = source.onChange(this::newest);
  }

  /**
   * A client of a peer, with the JDK's defaults.
   *
   * @param source of identity and trust
   * @param peer name of the service that is called
   * @return the client
   */
  public static LiveHttpClient of(TlsSource source, String peer) {
    return of(source, peer, HttpClient::newBuilder);
  }

  /**
   * A client of a peer.
   *
   * @param source of identity and trust
   * @param peer name of the service that is called
   * @param settings called for each generation; the context is set here. Give it an executor, or each generation has threads of its own
   * @return the client
   */
  public static LiveHttpClient of(
      TlsSource source, String peer, Supplier<HttpClient.Builder> settings) {
    return new LiveHttpClient(
        requireNonNull(source, "source"),
        requireNonNull(peer, "peer"),
        requireNonNull(settings, "settings"));
  }

  /** Follows its source no more, takes no more requests, and closes connections as after a change. Idempotent. */
  @Override
  public void close() {
    closed = true;
    registration.close();
    current.retire();
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    ClientGeneration used = use();
    try {
      return used.client().send(request, handler);
    } finally {
      used.end();
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return sendAsync(request, handler, null);
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
    ClientGeneration used = use();
    try {
      return used.client().sendAsync(request, handler, pushes);
    } finally {
      used.end();
    }
  }

  /** The newest, which is not shut down before the use of it has ended. */
  private ClientGeneration use() {
    while (!closed) {
      ClientGeneration newest = newest();
      if (newest.begin()) {
        return newest;
      }
    }
    throw new IllegalStateException("client of " + peer + ": closed");
  }

  @Override
  HttpClient client() {
    return newest().client();
  }

  private ClientGeneration newest() {
    ClientGeneration before = current;
    if (before.number() == source.generation()) {
      return before;
    }
    ClientGeneration replaced = null;
    lock.lock();
    try {
      before = current;
      if (before.number() != source.generation()) {
        current = made();
        replaced = before;
      }
    } finally {
      lock.unlock();
    }
    if (replaced != null) {
      replaced.retire();
    }
    return current;
  }

  /** The number first: a client whose context is newer than its number is only made anew once too often. */
  private ClientGeneration made() {
    long number = source.generation();
    return new ClientGeneration(
        number, settings.get().sslContext(source.context(peer)).build());
  }
}
