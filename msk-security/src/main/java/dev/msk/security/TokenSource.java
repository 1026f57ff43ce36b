package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.CredentialSource;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.RenewedToken;
import dev.msk.security.internal.Sha256;
import dev.msk.security.internal.TokenEndpoint;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tokens for calls to other services: this service's own, by its client credentials, and those of the subject that it works
 * for, by token exchange.
 *
 * <p><b>Guarantee.</b> One request at a time for each token, however many want it. A token is asked for anew after 70 to 80 %
 * of its life, by whoever wants it then and without waiting; while that fails the old one is given out until it ends. Without
 * a token, one request is made in a second. Requests go to the token endpoint only, follow no redirect, and are bounded in
 * time and size.
 *
 * <p>What goes wrong is a {@link TokenRequestException}. Thread-safe; blocks nobody. It has no thread but those of the JDK's
 * HTTP client.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, section 4.4</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8693">RFC 8693</a>
 */
public final class TokenSource implements CredentialSource, AutoCloseable {

  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
  private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

  private final TokenEndpoint endpoint;
  private final URI uri;
  private final ClientAuthentication client;
  private final String scope;
  private final String audienceParameter;
  private final int maxTokens;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final @Nullable HttpClient ownSender;
  private final ReentrantLock lock = new ReentrantLock();

  /** The one least used comes first. Guarded by the lock. */
  private final LinkedHashMap<Key, RenewedToken> tokens = new LinkedHashMap<>(16, 0.75f, true);

  private volatile boolean closed;

  private TokenSource(Builder builder, HttpClient sender) {
    this.endpoint = new TokenEndpoint(sender, builder.uri, builder.timeout);
    this.ownSender = builder.sender == null ? sender : null;
    this.uri = builder.uri;
    this.client = builder.client;
    this.scope = String.join(" ", builder.scopes);
    this.audienceParameter = builder.audienceParameter;
    this.maxTokens = builder.maxTokens;
    this.clock = builder.clock;
    this.random = builder.random;
  }

  /**
   * A source that asks within 5 s, names the peer in the parameter {@code audience}, and keeps 1,000 tokens.
   *
   * @param tokenEndpoint of the issuer
   * @param client how this service proves who it is
   * @return a builder with these defaults
   */
  public static Builder builder(URI tokenEndpoint, ClientAuthentication client) {
    return new Builder(
        requireNonNull(tokenEndpoint, "tokenEndpoint"), requireNonNull(client, "client"));
  }

  /** A token of this service's own for a peer. */
  @Override
  public CompletionStage<Credential> credential(String peer) {
    requireNonNull(peer, "peer");
    return token(new Key(null, peer), () -> ask(form("client_credentials", peer)));
  }

  /**
   * A token for a peer on behalf of the subject of another token, which this service was called with.
   *
   * @param subject the token that was verified; it does not travel further
   * @param peer name of the service that is called; becomes the audience
   * @return completes with a token that is valid now, or with a {@link TokenRequestException}
   */
  public CompletionStage<Credential> exchange(BearerToken subject, String peer) {
    requireNonNull(peer, "peer");
    String text = subject.value();
    return token(new Key(Sha256.of(text), peer), () -> {
      Map<String, String> form = form(EXCHANGE, peer);
      form.put("subject_token", text);
      form.put("subject_token_type", ACCESS_TOKEN);
      form.put("requested_token_type", ACCESS_TOKEN);
      return ask(form);
    });
  }

  /** Asks for no more; tokens that have not ended are given out as before. Idempotent. */
  @Override
  public void close() {
    closed = true;
    Object sender = ownSender;
    if (sender instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("HTTP client of the JDK", e);
      }
    }
  }

  private CompletionStage<Credential> token(
      Key key, Supplier<CompletableFuture<TokenEndpoint.Issued>> request) {
    RenewedToken token;
    lock.lock();
    try {
      token = tokens.get(key);
      if (token == null) {
        token = new RenewedToken(request, 0.7 + 0.1 * random.nextDouble());
        tokens.put(key, token);
        if (tokens.size() > maxTokens) {
          tokens.remove(tokens.keySet().iterator().next());
        }
      }
    } finally {
      lock.unlock();
    }
    return token.get(clock.instant());
  }

  private Map<String, String> form(String grant, String peer) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", grant);
    form.put(audienceParameter, peer);
    if (!scope.isEmpty()) {
      form.put("scope", scope);
    }
    return form;
  }

  private CompletableFuture<TokenEndpoint.Issued> ask(Map<String, String> form) {
    if (closed) {
      throw new TokenRequestException(uri, null, "closed, asks for no more tokens", null);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    try {
      client.prove(uri, clock.instant(), form, headers);
    } catch (RuntimeException e) {
      throw new TokenRequestException(uri, null, "client cannot prove who it is, " + e, e);
    }
    return endpoint.ask(form, headers);
  }

  private record Key(@Nullable Sha256 subject, String peer) {}

  /** Builds a {@link TokenSource}. Confined to one thread. */
  public static final class Builder {

    private final URI uri;
    private final ClientAuthentication client;
    private final List<String> scopes = new ArrayList<>();
    private String audienceParameter = "audience";
    private Duration timeout = Duration.ofSeconds(5);
    private int maxTokens = 1000;
    private InstantSource clock = InstantSource.system();
    private RandomGenerator random = RandomGenerator.getDefault();
    private @Nullable HttpClient sender;

    private Builder(URI uri, ClientAuthentication client) {
      this.uri = uri;
      this.client = client;
    }

    /**
     * What tokens are to allow.
     *
     * @param scopes default none, so that the issuer decides; adds to those of an earlier call
     * @return this
     */
    public Builder scopes(String... scopes) {
      this.scopes.addAll(List.of(scopes));
      return this;
    }

    /**
     * Where the issuer wants the name of the peer.
     *
     * @param name default {@code audience}; others want {@code resource}
     * @return this
     */
    public Builder audienceParameter(String name) {
      this.audienceParameter = requireNonNull(name, "name");
      return this;
    }

    /**
     * Bounds a request.
     *
     * @param timeout default 5 s
     * @return this
     */
    public Builder timeout(Duration timeout) {
      this.timeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Bounds memory.
     *
     * @param maxTokens how many are kept, of those used last; default 1,000
     * @return this
     */
    public Builder maxTokens(int maxTokens) {
      this.maxTokens = maxTokens;
      return this;
    }

    /**
     * Tells the time.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Spreads renewals, so that processes that began together do not renew together.
     *
     * @param random default {@link RandomGenerator#getDefault()}
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = requireNonNull(random, "random");
      return this;
    }

    /**
     * Sends the requests, for instance with a trust store or a certificate of your own.
     *
     * @param sender must not follow redirects; stays yours; by default one is made
     * @return this
     */
    public Builder client(HttpClient sender) {
      this.sender = requireNonNull(sender, "sender");
      return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is asked for yet
     * @throws IllegalArgumentException if a setting is out of bounds; names all of them
     */
    public TokenSource build() {
      List<String> faults = new ArrayList<>();
      try {
        Egress.requireShape("tokenEndpoint", uri);
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      if (timeout.isZero() || timeout.isNegative()) {
        faults.add("timeout: " + timeout + " (expected: more than zero)");
      }
      if (maxTokens < 1) {
        faults.add("maxTokens: " + maxTokens + " (expected: >= 1)");
      }
      if (audienceParameter.isBlank()) {
        faults.add("audienceParameter: blank (expected: a name)");
      }
      if (sender != null && sender.followRedirects() != HttpClient.Redirect.NEVER) {
        faults.add("client: follows redirects (expected: Redirect.NEVER)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      HttpClient used = sender == null
          ? HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(timeout)
              .build()
          : sender;
      return new TokenSource(this, used);
    }
  }
}
