package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys over HTTP, in virtual time. */
@Timeout(60)
final class JwksSourceTest {

  private final ManualTime time = ManualTime.create();
  private final TestIdp idp =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(time).start();
  private final JwksSource keys = JwksSource.discover(idp.issuer()).ticker(time).build();
  private final TokenVerifier verifier =
      TokenVerifier.builder(idp.issuer(), keys).audience("orders").clock(time).build();

  @AfterEach
  void stop() {
    keys.close();
    idp.close();
  }

  @Test
  void thousandUnknownKeys_costOneFetch() throws Exception {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    assertThat(idp.fetches()).isEqualTo(1);
    time.advance(Duration.ofSeconds(10));

    List<Verification> results = inParallel(1000, () -> verifier.verify(unknownKey()));

    assertThat(results).allSatisfy(result -> assertReason(result, Reason.KEY_UNKNOWN));
    assertThat(idp.fetches()).isEqualTo(2);
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
  }

  @Test
  void firstTokens_shareOneFetch() throws Exception {
    String token = token();

    List<Verification> results = inParallel(50, () -> verifier.verify(token));

    assertThat(results).allSatisfy(result -> assertThat(result).isInstanceOf(Verified.class));
    assertThat(idp.fetches()).isEqualTo(1);
  }

  @Test
  void rotatedKey_isKnownAfterTheInterval() {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    String old = token();
    idp.rotate();
    String fresh = token();

    time.advance(Duration.ofMillis(9_999));
    assertReason(verifier.verify(fresh), Reason.KEY_UNKNOWN);
    time.advance(Duration.ofMillis(1));

    assertThat(verifier.verify(fresh)).isInstanceOf(Verified.class);
    assertThat(verifier.verify(old)).isInstanceOf(Verified.class);
  }

  @Test
  void keyThatWasWithdrawn_isRefusedAtTheEndOfItsLifetime() {
    String old = idp.token("alice").audience("orders").life(Duration.ofHours(2)).sign();
    assertThat(verifier.verify(old)).isInstanceOf(Verified.class);
    idp.rotate();
    idp.rotate();

    time.advance(Duration.ofMinutes(5));

    assertReason(verifier.verify(old), Reason.KEY_UNKNOWN);
  }

  @Test
  void outage_isToleratedForItsTimeAndNoLonger() {
    String token =
        idp.token("alice").audience("orders").life(Duration.ofHours(9)).sign();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    idp.down(true);

    for (int minute = 5; minute < 65; minute += 5) {
      time.advance(Duration.ofMinutes(5));
      assertThat(verifier.verify(token)).as("minute %d", minute).isInstanceOf(Verified.class);
      assertThat(keys.age()).contains(Duration.ofMinutes(minute));
    }
    time.advance(Duration.ofMinutes(5));
    assertReason(verifier.verify(token), Reason.KEYS_UNAVAILABLE);
    idp.down(false);
    time.advance(Duration.ofSeconds(10));

    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    assertThat(keys.age()).contains(Duration.ZERO);
  }

  @Test
  void issuerThatWasNeverThere_isAskedOncePerInterval() {
    idp.down(true);

    for (int i = 0; i < 100; i++) {
      assertReason(verifier.verify(token()), Reason.KEYS_UNAVAILABLE);
    }
    assertThat(keys.age()).isEmpty();
    idp.down(false);
    assertReason(verifier.verify(token()), Reason.KEYS_UNAVAILABLE);
    time.advance(Duration.ofSeconds(10));

    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
  }

  @Test
  void keysNearTheEndOfTheirLifetime_areFetchedInTheBackground() throws Exception {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    time.advance(Duration.ofMinutes(4));

    CompletableFuture<Verification> ahead = verifier.verifyAsync(token()).toCompletableFuture();

    assertThat(ahead).as("known keys are not waited for").isCompleted();
    Eventually.eventually("fetched", () -> keys.age().equals(Optional.of(Duration.ZERO)));
    assertThat(idp.fetches()).isEqualTo(2);
  }

  @Test
  void verifyAsync_waitsWithoutAThread() throws Exception {
    CompletableFuture<Verification> first = verifier.verifyAsync(token()).toCompletableFuture();

    assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(Verified.class);
    assertThat(verifier.verifyAsync(token()).toCompletableFuture()).isCompleted();
  }

  @Test
  void hangingIssuer_delaysKnownKeysOnce() throws Exception {
    try (RawServer server = RawServer.start()) {
      JwksSource hanging = JwksSource.at(server.uri("/jwks"))
          .timeout(Duration.ofMillis(300))
          .ticker(time)
          .build();
      TokenVerifier known = TokenVerifier.builder(idp.issuer(), hanging)
          .audience("orders")
          .clock(time)
          .build();
      server.answer(200, idp.jwks());
      String token =
          idp.token("alice").audience("orders").life(Duration.ofHours(9)).sign();
      assertThat(known.verify(token)).isInstanceOf(Verified.class);
      server.hang();
      time.advance(Duration.ofMinutes(5));

      assertThat(known.verify(token)).as("waits for the time-out").isInstanceOf(Verified.class);
      time.advance(Duration.ofMinutes(1));

      assertThat(known.verifyAsync(token).toCompletableFuture()).isCompleted();
    }
  }

  @Test
  void interruptedThread_getsARejectionAndStaysInterrupted() {
    Thread.currentThread().interrupt();

    Verification result = verifier.verify(token());

    assertThat(Thread.interrupted()).isTrue();
    assertReason(result, Reason.KEYS_UNAVAILABLE);
  }

  @Test
  void redirect_isNotFollowed() throws Exception {
    try (RawServer server = RawServer.start()) {
      server.redirect(idp.issuer() + "/jwks");

      assertReason(verifierAt(server.uri("/jwks")).verify(token()), Reason.KEYS_UNAVAILABLE);
      assertThat(idp.fetches()).isZero();
    }
  }

  @Test
  void otherHostThanTheDeclared_isNotAsked() throws Exception {
    try (RawServer server = RawServer.start()) {
      String issuer = server.uri("").toString();
      server.answer(
          200, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + idp.issuer() + "/jwks\"}");
      JwksSource discovered = JwksSource.discover(issuer).build();

      Verification result =
          TokenVerifier.builder(issuer, discovered).audience("orders").build().verify(token());

      assertReason(result, Reason.KEYS_UNAVAILABLE);
      assertThat(idp.fetches()).isZero();
    }
  }

  @Test
  void discoveryDocumentOfAnotherIssuer_isRefused() throws Exception {
    try (RawServer server = RawServer.start()) {
      String issuer = server.uri("").toString();
      server.answer(
          200, "{\"issuer\":\"" + idp.issuer() + "\",\"jwks_uri\":\"" + issuer + "/jwks\"}");
      JwksSource discovered = JwksSource.discover(issuer).build();

      Verification result =
          TokenVerifier.builder(issuer, discovered).audience("orders").build().verify(token());

      assertReason(result, Reason.KEYS_UNAVAILABLE);
    }
  }

  @Test
  void endlessBody_isCutOff() throws Exception {
    try (RawServer server = RawServer.start()) {
      server.answer(200, "{\"keys\":[" + " ".repeat(200_000) + "]}");

      assertReason(verifierAt(server.uri("/jwks")).verify(token()), Reason.KEYS_UNAVAILABLE);
    }
  }

  @Test
  void build_namesEveryFault() {
    HttpClient following =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();

    assertThatThrownBy(() -> JwksSource.at(URI.create("http://id.example/jwks"))
            .minInterval(Duration.ZERO)
            .refreshAhead(Duration.ofMinutes(6))
            .client(following)
            .build())
        .hasMessageContaining("jwksUri: http://id.example/jwks (expected: https://host/…")
        .hasMessageContaining("minInterval: PT0S (expected: more than zero)")
        .hasMessageContaining("refreshAhead: PT6M (expected: zero to lifetime)")
        .hasMessageContaining("client: follows redirects");
  }

  private TokenVerifier verifierAt(URI jwks) {
    return TokenVerifier.builder(idp.issuer(), JwksSource.at(jwks).ticker(time).build())
        .audience("orders")
        .clock(time)
        .build();
  }

  private String token() {
    return idp.token("alice").audience("orders").sign();
  }

  private String unknownKey() {
    return idp.token("alice")
        .audience("orders")
        .header("kid", UUID.randomUUID().toString())
        .sign();
  }

  private static void assertReason(Verification result, Reason reason) {
    assertThat(result)
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason));
  }

  private static <T> List<T> inParallel(int times, Callable<T> call) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<T>> calls = Collections.nCopies(times, call);
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(calls)) {
        results.add(result.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
