package dev.msk.security.testing;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.msk.security.TokenAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An issuer of access tokens in this process, for tests and demonstrations: a discovery document and a key set over HTTP on
 * the loopback interface, and tokens signed with keys that stay in this process. It can rotate its keys and be away.
 *
 * <p>Thread-safe. Runs the one thread of the JDK's HTTP server from {@link Builder#start()} to {@link #close()}.
 */
public final class TestIdp implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final IdpServer server;
  private final IssuedTokens issued = new IssuedTokens();
  private final TestLogins logins = new TestLogins();
  private final InstantSource clock;
  private final List<TokenAlgorithm> algorithms;
  private final List<SigningKey> published = new CopyOnWriteArrayList<>();
  private final AtomicInteger made = new AtomicInteger();

  private TestIdp(IdpServer server, InstantSource clock, List<TokenAlgorithm> algorithms) {
    this.server = server;
    this.clock = clock;
    this.algorithms = algorithms;
    published.addAll(newKeys());
  }

  /**
   * An issuer with one key for RS256, on a free port.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The issuer's name, which is also where its discovery document is found.
   *
   * @return for example {@code http://127.0.0.1:40321}
   */
  public String issuer() {
    return "http://127.0.0.1:" + server.port();
  }

  /**
   * The key set as it is published now.
   *
   * @return JSON
   */
  public String jwks() {
    return json(Map.of("keys", published.stream().map(SigningKey::jwk).toList()));
  }

  /**
   * A token to be signed: an access token by RFC 9068 that is valid for five minutes, without audience and scopes.
   *
   * @param subject for whom
   * @return what may be changed before it is signed
   */
  public Token token(String subject) {
    return new Token(requireNonNull(subject, "subject"));
  }

  /**
   * Signs exactly this, right or wrong.
   *
   * @param algorithm whose present key signs
   * @param header as JSON
   * @param claims as JSON
   * @return header, payload and signature
   */
  public String sign(TokenAlgorithm algorithm, String header, String claims) {
    String input = base64(header) + "." + base64(claims);
    byte[] signature = key(algorithm).sign(input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + BASE64.encodeToString(signature);
  }

  /**
   * The name of the present key.
   *
   * @param algorithm of the key
   * @return {@code kid}
   */
  public String keyId(TokenAlgorithm algorithm) {
    return key(algorithm).id();
  }

  /**
   * The present key's public half.
   *
   * @param algorithm of the key
   * @return the key
   */
  public PublicKey publicKey(TokenAlgorithm algorithm) {
    return key(algorithm).publicKey();
  }

  /** Makes new keys and signs with them from now on; the keys of before are still published, older ones no more. */
  public synchronized void rotate() {
    List<SigningKey> next = new ArrayList<>(newKeys());
    next.addAll(published.subList(0, algorithms.size()));
    published.addAll(0, next);
    while (published.size() > next.size()) {
      published.remove(next.size());
    }
  }

  /**
   * Goes away or comes back: while it is away, connections are closed without an answer.
   *
   * @param away whether it is away
   */
  public void down(boolean away) {
    server.down(away);
  }

  /**
   * How often the key set was asked for, answered or not.
   *
   * @return requests so far
   */
  public int fetches() {
    return server.requests("/jwks");
  }

  /**
   * Gives out a token that says nothing to those who have it: the issuer has to be asked about it.
   *
   * @param token what it stands for
   * @return the token
   */
  public String opaque(Token token) {
    return issued.add(token.claims);
  }

  /**
   * Takes an opaque token back.
   *
   * @param opaque the token
   */
  public void revoke(String opaque) {
    issued.remove(opaque);
  }

  /**
   * Where the issuer is asked about opaque tokens (RFC 7662), by any client that authenticates by {@code Basic}.
   *
   * @return the endpoint
   */
  public URI introspectionEndpoint() {
    return URI.create(issuer() + "/introspect");
  }

  /**
   * Says who logs in when a browser comes to the authorization endpoint; nobody is asked for a password.
   *
   * @param subject default {@code alice}; null for a user who declines
   */
  public void loginAs(@Nullable String subject) {
    logins.user(subject);
  }

  /**
   * How often the issuer was asked about opaque tokens, answered or not.
   *
   * @return requests so far
   */
  public int introspections() {
    return server.requests("/introspect");
  }

  /** Stops the server at once. Idempotent. */
  @Override
  public void close() {
    server.close();
  }

  private List<SigningKey> newKeys() {
    return algorithms.stream()
        .map(algorithm ->
            SigningKey.create(algorithm.header() + "-" + made.incrementAndGet(), algorithm))
        .toList();
  }

  private SigningKey key(TokenAlgorithm algorithm) {
    return published.stream()
        .filter(key -> key.algorithm() == algorithm)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "algorithm: " + algorithm + " (expected: one of " + algorithms + ")"));
  }

  private static String base64(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String json(Map<String, ?> values) {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("values: " + values.keySet(), e);
    }
  }

  /** A token before it is signed. Confined to one thread. */
  public final class Token {

    private final Map<String, Object> header = new LinkedHashMap<>();
    private final Map<String, Object> claims = new LinkedHashMap<>();
    private TokenAlgorithm algorithm = algorithms.get(0);

    private Token(String subject) {
      Instant now = clock.instant();
      header.put("typ", "at+jwt");
      claims.put("iss", issuer());
      claims.put("sub", subject);
      claims.put("client_id", "test");
      claims.put("iat", now.getEpochSecond());
      claims.put("exp", now.plus(Duration.ofMinutes(5)).getEpochSecond());
      claims.put("jti", UUID.randomUUID().toString());
    }

    /**
     * For which service; none by default.
     *
     * @param audience the claim {@code aud}
     * @return this
     */
    public Token audience(String audience) {
      return claim("aud", audience);
    }

    /**
     * What the token allows; nothing by default.
     *
     * @param scopes what the claim of that name lists
     * @return this
     */
    public Token scopes(String... scopes) {
      return claim("scope", String.join(" ", scopes));
    }

    /**
     * How long the token is valid from now.
     *
     * @param life default five minutes; negative for one that has expired
     * @return this
     */
    public Token life(Duration life) {
      return claim("exp", clock.instant().plus(life).getEpochSecond());
    }

    /**
     * Signs with another algorithm than the issuer's first.
     *
     * @param algorithm one that the issuer has a key for
     * @return this
     */
    public Token algorithm(TokenAlgorithm algorithm) {
      this.algorithm = requireNonNull(algorithm, "algorithm");
      return this;
    }

    /**
     * Sets a claim.
     *
     * @param name of the claim
     * @param value a JSON value; null takes the claim away
     * @return this
     */
    public Token claim(String name, @Nullable Object value) {
      return set(claims, name, value);
    }

    /**
     * Sets a member of the header.
     *
     * @param name of the member
     * @param value a JSON value; null takes the member away, except {@code alg} and {@code kid}, which come back
     * @return this
     */
    public Token header(String name, @Nullable Object value) {
      return set(header, name, value);
    }

    /**
     * Signs the token.
     *
     * @return header, payload and signature
     */
    public String sign() {
      header.putIfAbsent("alg", algorithm.header());
      header.putIfAbsent("kid", keyId(algorithm));
      return TestIdp.this.sign(algorithm, json(header), json(claims));
    }

    private Token set(Map<String, Object> values, String name, @Nullable Object value) {
      if (value == null) {
        values.remove(name);
      } else {
        values.put(name, value);
      }
      return this;
    }
  }

  /** Builds a {@link TestIdp}. Confined to one thread. */
  public static final class Builder {

    private List<TokenAlgorithm> algorithms = List.of(TokenAlgorithm.RS256);
    private InstantSource clock = InstantSource.system();
    private int port;

    private Builder() {}

    /**
     * One key for each of these; tokens are signed with the first unless they say otherwise.
     *
     * @param algorithms default RS256
     * @return this
     */
    public Builder algorithms(TokenAlgorithm... algorithms) {
      this.algorithms = Stream.of(algorithms).distinct().toList();
      return this;
    }

    /**
     * Tells the time of tokens.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Listens on a port.
     *
     * @param port default 0, any that is free
     * @return this
     */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /**
     * Makes the keys and starts to listen.
     *
     * @return the issuer
     * @throws UncheckedIOException if the port is taken
     */
    public TestIdp start() {
      try {
        IdpServer server = IdpServer.bind(port);
        TestIdp idp = new TestIdp(server, clock, algorithms);
        IdpRoutes.serve(server, idp, idp.issued, idp.logins, clock);
        server.start();
        return idp;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
