package dev.msk.discovery.internal;

import dev.msk.core.security.TlsSource;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * One {@link HttpClient} for each peer, made anew for each generation of the TLS identity. Thread-safe.
 *
 * <p>Each has an SSL context of its own: with a shared one, the JDK resumes at an address the session of another service, and
 * then accepts that service's certificate. The server's name, sent and verified, is the peer's name wherever an IP address is
 * dialled. A client that was replaced ends by itself when its last request is done and nobody holds it.
 */
public final class PeerClients {

  private final @Nullable TlsSource tls;
  private final HttpClient.Version version;
  private final Duration connectTimeout;
  private final Executor executor;
  private final ConcurrentMap<String, Client> clients = new ConcurrentHashMap<>();

  /**
   * Creates it without clients.
   *
   * @param tls identity and trust, null for the JVM's trust and no identity
   * @param version of HTTP
   * @param connectTimeout for a connection
   * @param executor runs the callbacks
   */
  public PeerClients(
      @Nullable TlsSource tls,
      HttpClient.Version version,
      Duration connectTimeout,
      Executor executor) {
    this.tls = tls;
    this.version = version;
    this.connectTimeout = connectTimeout;
    this.executor = executor;
  }

  /**
   * The client for a peer.
   *
   * @param peer name of a service
   * @return a client of the present TLS generation
   */
  public HttpClient client(String peer) {
    // Read before the context is: a change in between is then seen by the next call.
    long generation = tls == null ? 0 : tls.generation();
    Client known = clients.get(peer);
    if (known != null && known.generation == generation) {
      return known.http;
    }
    Client made = new Client(generation, create(peer));
    return clients.merge(peer, made, Client::newer).http;
  }

  /** Forgets all clients. */
  public void clear() {
    clients.clear();
  }

  private HttpClient create(String peer) {
    SSLContext context = tls == null ? defaultTrust() : tls.context(peer);
    // With parameters that name no protocols, the JDK's client offers no HTTP/2.
    SSLParameters parameters = context.getDefaultSSLParameters();
    if (isHostName(peer)) {
      parameters.setServerNames(List.of(new SNIHostName(peer)));
    }
    return HttpClient.newBuilder()
        .executor(executor)
        .version(version)
        .connectTimeout(connectTimeout)
        .followRedirects(HttpClient.Redirect.NEVER)
        .sslContext(context)
        .sslParameters(parameters)
        .build();
  }

  private static boolean isHostName(String peer) {
    try {
      return !new SNIHostName(peer).getAsciiName().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static SSLContext defaultTrust() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS: " + e.getMessage(), e);
    }
  }

  private record Client(long generation, HttpClient http) {

    static Client newer(Client known, Client made) {
      return known.generation >= made.generation ? known : made;
    }
  }
}
