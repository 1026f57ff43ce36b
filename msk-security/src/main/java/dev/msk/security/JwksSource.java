package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.JwksFetch;
import dev.msk.security.internal.KeyCache;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.KeySet;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of a token issuer, fetched over HTTP and kept.
 *
 * <p><b>Guarantee.</b> At most one fetch at a time and one per {@code minInterval}, however many unknown key ids come in; a
 * key that the issuer has rotated in is therefore known after {@code minInterval} at the latest. While the issuer is away,
 * known keys keep working for {@code outageTolerance} beyond their lifetime. Requests go to the declared host only, follow
 * no redirect, and are bounded in time and size (128 KiB).
 *
 * <p>Keys are used if they are public, for signatures, RSA of 2048 to 8192 bits, P-256 or Ed25519, and have a name of their
 * own; others are left out and logged, but for those that are declared for encryption, which are left out.
 *
 * <p>Thread-safe. Nothing is fetched before the first token asks. It has no thread but those of the JDK's HTTP client.
 */
public final class JwksSource implements AutoCloseable {

  private static final String DISCOVERY = "/.well-known/openid-configuration";

  private final KeyCache cache;
  private final Optional<String> issuer;
  private final @Nullable HttpClient ownClient;

  private JwksSource(KeyCache cache, Optional<String> issuer, @Nullable HttpClient ownClient) {
    this.cache = cache;
    this.issuer = issuer;
    this.ownClient = ownClient;
  }

  /**
   * Keys that the issuer's discovery document leads to: kept for 5 min and fetched anew after 4 min, at most one fetch in
   * 10 s, each request within 2 s, old keys for one hour of outage.
   *
   * @param issuer as in the tokens, for example {@code https://id.example/realms/shop}; the document must name it exactly
   * @return a builder with these defaults
   */
  public static Builder discover(String issuer) {
    requireNonNull(issuer, "issuer");
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return new Builder(Optional.of(issuer), base + DISCOVERY);
  }

  /**
   * Keys at an address, with the defaults of {@link #discover}.
   *
   * @param jwksUri of the key set
   * @return a builder
   */
  public static Builder at(URI jwksUri) {
    return new Builder(Optional.empty(), requireNonNull(jwksUri, "jwksUri").toString());
  }

  /**
   * Keys that never change.
   *
   * @param jwks the key set as JSON
   * @return a source that fetches nothing
   * @throws IllegalArgumentException if it is no key set, or one of its keys cannot be used
   */
  public static JwksSource fixed(String jwks) {
    KeySet keys = KeySet.parse(jwks.getBytes(StandardCharsets.UTF_8));
    if (keys.size() == 0 || !keys.faults().isEmpty()) {
      throw new IllegalArgumentException("jwks: " + keys.faults() + " (expected: usable keys)");
    }
    Duration ever = Duration.ofDays(36_500);
    return new JwksSource(
        new KeyCache(
            () -> CompletableFuture.completedFuture(keys),
            new KeyCache.Settings(ever, Duration.ZERO, ever, Duration.ZERO),
            Ticker.system()),
        Optional.empty(),
        null);
  }

  /**
   * How old the keys are; more than their lifetime means that the issuer is away.
   *
   * @return time since the last fetch that succeeded; empty if there was none
   */
  public Optional<Duration> age() {
    return cache.age();
  }

  /** Fetches no more; known keys are answered as before. Idempotent. */
  @Override
  public void close() {
    cache.close();
    Object client = ownClient;
    if (client instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("HTTP client of the JDK", e);
      }
    }
  }

  CompletableFuture<KeyLookup> lookup(Optional<String> keyId, TokenAlgorithm algorithm) {
    return cache.lookup(keyId, algorithm);
  }

  Optional<String> issuer() {
    return issuer;
  }

  /** Builds a {@link JwksSource}. Confined to one thread. */
  public static final class Builder {

    private final Optional<String> issuer;
    private final String start;
    private final Set<String> hosts = new LinkedHashSet<>();
    private Duration lifetime = Duration.ofMinutes(5);
    private Duration refreshAhead = Duration.ofMinutes(1);
    private Duration minInterval = Duration.ofSeconds(10);
    private Duration outageTolerance = Duration.ofHours(1);
    private Duration timeout = Duration.ofSeconds(2);
    private Ticker ticker = Ticker.system();
    private @Nullable HttpClient client;

    private Builder(Optional<String> issuer, String start) {
      this.issuer = issuer;
      this.start = start;
    }

    /**
     * Allows requests to more hosts than the issuer's, for an issuer whose keys are elsewhere.
     *
     * @param hosts each a name, or a name, a colon and a port; none by default
     * @return this
     */
    public Builder egress(String... hosts) {
      this.hosts.addAll(List.of(hosts));
      return this;
    }

    /**
     * How long keys are used without asking again.
     *
     * @param lifetime default 5 min
     * @return this
     */
    public Builder lifetime(Duration lifetime) {
      this.lifetime = requireNonNull(lifetime, "lifetime");
      return this;
    }

    /**
     * How long before the end of their lifetime keys are fetched in the background, by the first token that comes then.
     *
     * @param refreshAhead default 1 min
     * @return this
     */
    public Builder refreshAhead(Duration refreshAhead) {
      this.refreshAhead = requireNonNull(refreshAhead, "refreshAhead");
      return this;
    }

    /**
     * The least time between the beginnings of two fetches.
     *
     * @param minInterval default 10 s
     * @return this
     */
    public Builder minInterval(Duration minInterval) {
      this.minInterval = requireNonNull(minInterval, "minInterval");
      return this;
    }

    /**
     * How much longer than their lifetime keys are used while fetching fails.
     *
     * @param outageTolerance default 1 h
     * @return this
     */
    public Builder outageTolerance(Duration outageTolerance) {
      this.outageTolerance = requireNonNull(outageTolerance, "outageTolerance");
      return this;
    }

    /**
     * Bounds each request, and so how long a token can wait for keys: discovery and key set take two.
     *
     * @param timeout default 2 s
     * @return this
     */
    public Builder timeout(Duration timeout) {
      this.timeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Measures lifetimes.
     *
     * @param ticker default {@link Ticker#system()}
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Sends the requests, for instance with a trust store of your own.
     *
     * @param client must not follow redirects; stays yours; by default one is made
     * @return this
     */
    public Builder client(HttpClient client) {
      this.client = requireNonNull(client, "client");
      return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is fetched yet
     * @throws IllegalArgumentException if a setting is out of bounds; names all of them
     */
    public JwksSource build() {
      List<String> faults = new ArrayList<>();
      Optional<URI> uri = parsed(faults);
      positive("lifetime", lifetime, faults);
      positive("minInterval", minInterval, faults);
      positive("timeout", timeout, faults);
      if (refreshAhead.isNegative() || refreshAhead.compareTo(lifetime) > 0) {
        faults.add("refreshAhead: " + refreshAhead + " (expected: zero to lifetime)");
      }
      if (outageTolerance.isNegative()) {
        faults.add("outageTolerance: " + outageTolerance + " (expected: zero or more)");
      }
      if (client != null && client.followRedirects() != HttpClient.Redirect.NEVER) {
        faults.add("client: follows redirects (expected: Redirect.NEVER)");
      }
      Optional<Egress> egress = uri.flatMap(first -> egress(first, faults));
      if (uri.isEmpty() || egress.isEmpty() || !faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      HttpClient sender = client == null ? newClient() : client;
      KeyCache cache = new KeyCache(
          new JwksFetch(sender, issuer, uri.get(), egress.get(), timeout),
          new KeyCache.Settings(lifetime, refreshAhead, minInterval, outageTolerance),
          ticker);
      return new JwksSource(cache, issuer, client == null ? sender : null);
    }

    private HttpClient newClient() {
      return HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(timeout)
          .build();
    }

    private Optional<URI> parsed(List<String> faults) {
      try {
        URI uri = URI.create(start);
        Egress.requireShape(issuer.isPresent() ? "issuer" : "jwksUri", uri);
        return Optional.of(uri);
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    private Optional<Egress> egress(URI first, List<String> faults) {
      try {
        return Optional.of(Egress.of(first, hosts));
      } catch (IllegalArgumentException e) {
        faults.add("egress: " + hosts + " (expected: host or host:port)");
        return Optional.empty();
      }
    }

    private static void positive(String name, Duration value, List<String> faults) {
      if (value.isZero() || value.isNegative()) {
        faults.add(name + ": " + value + " (expected: more than zero)");
      }
    }
  }
}
