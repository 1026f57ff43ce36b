package dev.msk.benchmarks.security;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpServer;
import dev.msk.core.security.Authorizer.Access;
import dev.msk.core.security.Authorizer.Decision;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.ApiKeys;
import dev.msk.security.ClientAuthentication;
import dev.msk.security.JwksSource;
import dev.msk.security.OpaqueTokens;
import dev.msk.security.RequestBinding;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenSource;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification;
import dev.msk.security.testing.InMemoryApiKeyStore;
import dev.msk.security.testing.TestIdp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What is looked up with each request and known already; the floor of those that are known by a digest is that digest. Run by {@code
 * ./mvnw -Pbench -Dbench=security -Drows=lookup}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {

  /**
   * A signed token that was verified before.
   *
   * @param state what is known before
   * @return what it says
   */
  @Benchmark
  public Verification rememberedTokenOurs(RememberedToken state) {
    return requireNonNull(state.verifier).verify(state.token);
  }

  /**
   * The digest of that token.
   *
   * @param state what is known before
   * @return the digest
   * @throws NoSuchAlgorithmException never: each JDK has SHA-256
   */
  @Benchmark
  public byte[] rememberedTokenFloor(RememberedToken state) throws NoSuchAlgorithmException {
    return digest(state.token);
  }

  /**
   * An opaque token that the issuer was asked about a moment ago.
   *
   * @param state what is known before
   * @return what the issuer said
   */
  @Benchmark
  public Verification opaqueTokenOurs(OpaqueToken state) {
    return requireNonNull(state.tokens).verify(state.token, RequestBinding.none());
  }

  /**
   * The digest of that token.
   *
   * @param state what is known before
   * @return the digest
   * @throws NoSuchAlgorithmException never: each JDK has SHA-256
   */
  @Benchmark
  public byte[] opaqueTokenFloor(OpaqueToken state) throws NoSuchAlgorithmException {
    return digest(state.token);
  }

  /**
   * An API key in memory.
   *
   * @param state what is known before
   * @return whose it is
   */
  @Benchmark
  public Verification apiKeyOurs(ApiKey state) {
    return requireNonNull(state.keys).verify(state.key, RequestBinding.none());
  }

  /**
   * The digest of that key.
   *
   * @param state what is known before
   * @return the digest
   * @throws NoSuchAlgorithmException never: each JDK has SHA-256
   */
  @Benchmark
  public byte[] apiKeyFloor(ApiKey state) throws NoSuchAlgorithmException {
    return digest(state.key);
  }

  /**
   * A token of our own for a service that was called before.
   *
   * @param state what is known before
   * @return the token
   */
  @Benchmark
  public Credential credentialOurs(OwnToken state) {
    return requireNonNull(state.tokens)
        .credential("inventory")
        .toCompletableFuture()
        .join();
  }

  /**
   * A decision that the eighth of ten rules makes.
   *
   * @param state what is known before
   * @return what is allowed
   */
  @Benchmark
  public Decision decisionOurs(Rules state) {
    return state.rules.decide(state.access);
  }

  private static byte[] digest(String token) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
  }

  /** A verifier that knows a token of 700 characters. */
  @State(Scope.Thread)
  public static class RememberedToken {

    private @Nullable TokenVerifier verifier;
    private String token = "";

    /** Verifies it once. */
    @Setup
    public void verify() {
      Issued issued = Issued.by(TokenAlgorithm.RS256);
      TokenVerifier made = TokenVerifier.builder(issued.issuer(), JwksSource.fixed(issued.jwks()))
          .audience(Issued.AUDIENCE)
          .cache(10_000, Duration.ofMinutes(5))
          .build();
      verifier = made;
      token = issued.token();
      requireVerified(made.verify(token));
    }
  }

  /** A token that an issuer was asked about. */
  @State(Scope.Thread)
  public static class OpaqueToken {

    private final TestIdp idp = TestIdp.builder().start();
    private @Nullable OpaqueTokens tokens;
    private String token = "";

    /** Asks once. */
    @Setup
    public void ask() {
      OpaqueTokens made = OpaqueTokens.builder(
              idp.introspectionEndpoint(), ClientAuthentication.secretBasic("orders", "secret"))
          .audience("orders")
          .cache(10_000, Duration.ofMinutes(5))
          .build();
      tokens = made;
      token = idp.opaque(idp.token("alice").audience("orders").life(Duration.ofHours(1)));
      requireVerified(made.verify(token, RequestBinding.none()));
    }

    /** Stops the issuer, who must have been asked once. */
    @TearDown
    public void stop() {
      requireNonNull(tokens).close();
      idp.close();
      if (idp.introspections() != 1) {
        throw new IllegalStateException("asked " + idp.introspections() + " times");
      }
    }
  }

  /** A key in memory. */
  @State(Scope.Thread)
  public static class ApiKey {

    private @Nullable ApiKeys keys;
    private String key = "";

    /** Issues it. */
    @Setup
    public void issue() {
      ApiKeys made = ApiKeys.builder("shop", InMemoryApiKeyStore.create()).build();
      keys = made;
      key = ((ApiKeys.Issue.Issued)
              made.issue("partner-7", Set.of("orders:read"), Duration.ofDays(90)))
          .value();
      requireVerified(made.verify(key, RequestBinding.none()));
    }
  }

  /** A token of our own for a peer. */
  @State(Scope.Thread)
  public static class OwnToken {

    private @Nullable HttpServer issuer;
    private @Nullable TokenSource tokens;

    /**
     * Asks for it.
     *
     * @throws IOException if there is no free port
     */
    @Setup
    public void ask() throws IOException {
      byte[] answer = "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
          .formatted("x".repeat(700))
          .getBytes(StandardCharsets.US_ASCII);
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/token", exchange -> {
        try (exchange) {
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
        }
      });
      server.start();
      issuer = server;
      tokens = TokenSource.builder(
              URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/token"),
              ClientAuthentication.secretBasic("orders", "secret"))
          .build();
      var unused = tokens.credential("inventory").toCompletableFuture().join();
    }

    /** Stops the issuer. */
    @TearDown
    public void stop() {
      requireNonNull(tokens).close();
      requireNonNull(issuer).stop(0);
    }
  }

  /** Ten rules, and an access that the eighth allows. */
  @State(Scope.Thread)
  public static class Rules {

    private final AccessRules rules = AccessRules.of(
        IntStream.rangeClosed(1, 10).mapToObj(Rules::rule).toArray(AccessRule[]::new));
    private final Access access = new Access(
        Optional.of("spiffe://shop.example/orders-8"),
        Optional.of("alice"),
        "shop.Inventory8/Reserve",
        "",
        Map.of("scope", "orders:read orders:write"));

    private static AccessRule rule(int number) {
      return AccessRule.named("rule-" + number)
          .callers("spiffe://shop.example/orders-" + number)
          .actions("shop.Inventory" + number + "/*")
          .scopes("orders:write");
    }
  }

  private static void requireVerified(Verification verification) {
    if (!(verification instanceof Verification.Verified)) {
      throw new IllegalStateException(verification.toString());
    }
  }
}
