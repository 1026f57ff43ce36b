package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.security.ApiKeys.Issue;
import dev.msk.security.ApiKeys.Issue.Issued;
import dev.msk.security.ApiKeys.Issue.NotIssued;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.testing.InMemoryApiKeyStore;
import dev.msk.security.testing.TestIdp;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ApiKeysTest {

  private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-29T12:00:00Z"));
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final List<SecurityEvent> seen = new ArrayList<>();
  private final SecurityEvents events = SecurityEvents.builder("orders")
      .lines((level, json) -> {})
      .listener(seen::add)
      .build();
  private final ApiKeys keys = ApiKeys.builder("shop", InMemoryApiKeyStore.create())
      .clock(time)
      .events(events)
      .telemetry(telemetry)
      .build();

  @Test
  void build_refusesOddPrefixes() {
    for (String prefix : List.of("", "S", "1a", "a_b", "a".repeat(17))) {
      assertThatThrownBy(
              () -> ApiKeys.builder(prefix, InMemoryApiKeyStore.create()).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("prefix: " + prefix
              + " (expected: 2 to 16 lower-case letters and digits, a letter first)");
    }
  }

  @Test
  void issue_namesEveryFault() {
    assertThatThrownBy(() -> keys.issue("a b", Set.of("x y"), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("owner: a b (expected: ")
        .hasMessageContaining("scopes: [x y] (expected: ")
        .hasMessageContaining("life: PT0S (expected: ");
  }

  @Test
  void issuedKey_isTakenWithItsScopes_untilItExpires() {
    Issued issued = issue("partner-7");

    assertThat(issued.value()).matches("shop_[0-9a-f]{24}_[0-9a-f]{64}");
    assertThat(verify(issued.value())).isInstanceOfSatisfying(Verified.class, verified -> {
      assertThat(verified.subject()).isEqualTo("partner-7");
      assertThat(verified.scopes()).containsExactly("orders:read");
      assertThat(verified.clientId()).contains("partner-7");
      assertThat(verified.expiresAt()).isEqualTo(issued.key().expiresAt());
      assertThat(verified.claims()).containsEntry("jti", issued.key().id());
    });
    time.advance(Duration.ofDays(90));
    assertThat(verify(issued.value()))
        .isEqualTo(new Rejected(Reason.EXPIRED, "key: expired at 2027-02-27T12:00:00Z"));
    assertThat(telemetry.count("msk.security.apikey.verifications", "verified")).isEqualTo(1);
    assertThat(telemetry.count("msk.security.apikey.verifications", "expired")).isEqualTo(1);
  }

  @Test
  void secret_isNowhereButInTheAnswer() {
    Issued issued = issue("partner-7");
    String secret = issued.value().substring(30);

    assertThat(List.of(issued, issued.key(), keys.list("partner-7"), seen))
        .allSatisfy(thing -> assertThat(thing.toString()).doesNotContain(secret));
  }

  @Test
  void revokedKey_isRefusedWithItsNextUse_andThatIsReuse() {
    Issued issued = issue("partner-7");

    assertThat(keys.revoke(issued.key().id())).isTrue();
    assertThat(keys.revoke(issued.key().id())).isFalse();

    assertThat(verify(issued.value()))
        .isEqualTo(new Rejected(Reason.REVOKED, "key: taken back at 2026-11-29T12:00:00Z"));
    assertThat(seen)
        .extracting(SecurityEvent::type)
        .containsExactly(
            EventType.AUTHN_TOKEN_CREATED,
            EventType.AUTHN_TOKEN_REVOKED,
            EventType.AUTHN_TOKEN_REUSE);
  }

  @Test
  void rotation_letsBothBeUsed_forAWhile() {
    Issued first = issue("partner-7");
    time.advance(Duration.ofDays(30));

    Issued second = (Issued) keys.rotate(first.key().id(), Duration.ofDays(7));

    assertThat(keys.rotate(second.key().id(), Duration.ofDays(7))).isEqualTo(NotIssued.TWO_ACTIVE);
    assertThat(keys.issue("partner-7", Set.of(), Duration.ofDays(1)))
        .isEqualTo(NotIssued.TWO_ACTIVE);
    assertThat(verify(first.value())).isInstanceOf(Verified.class);
    assertThat(verify(second.value())).isInstanceOf(Verified.class);
    time.advance(Duration.ofDays(7));
    assertThat(verify(first.value())).isInstanceOf(Rejected.class);
    assertThat(verify(second.value())).isInstanceOf(Verified.class);
    assertThat(keys.rotate(first.key().id(), Duration.ZERO)).isEqualTo(NotIssued.NOT_ACTIVE);
    assertThat(keys.rotate(second.key().id(), Duration.ZERO)).isInstanceOf(Issued.class);
    assertThat(verify(second.value())).isInstanceOf(Rejected.class);
    assertThat(Duration.between(second.key().createdAt(), second.key().expiresAt()))
        .isEqualTo(Duration.ofDays(90));
  }

  @Test
  void purge_keepsKeysForTheAudit() {
    Issued issued = issue("partner-7");
    time.advance(Duration.ofDays(100));

    assertThat(keys.purge(Duration.ofDays(30), 10)).isZero();
    assertThat(keys.purge(Duration.ofDays(5), 10)).isEqualTo(1);
    assertThat(verify(issued.value()))
        .isEqualTo(new Rejected(Reason.KEY_UNKNOWN, "key: none of this id"));
  }

  @Test
  void anotherSecret_isRefused_andItsStateIsNotTold() {
    Issued issued = issue("partner-7");
    assertThat(keys.revoke(issued.key().id())).isTrue();
    String guess = issued.value().substring(0, 30) + "0".repeat(64);

    assertThat(verify(guess))
        .isEqualTo(new Rejected(Reason.SIGNATURE, "key: another secret than that of this id"));
  }

  @Test
  void asDpop_isRefused() {
    Issued issued = issue("partner-7");

    assertThat(keys.verify(
            issued.value(),
            RequestBinding.none().dpop("GET", URI.create("https://shop.example/"), List.of())))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(Reason.BINDING));
  }

  @Test
  void anyText_neitherPassesNorThrows() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    String good = issue("partner-7").value();

    assertThat(verify(null)).isInstanceOf(Rejected.class);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(0x10000));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, (char) random.nextInt(128));
        }
      }
      if (!text.toString().equals(good)) {
        assertThat(verify(text.toString()))
            .as("seed %d, round %d: %s", seed, i, text)
            .isInstanceOf(Rejected.class);
      }
    }
    assertThat(verify(good.toUpperCase(java.util.Locale.ROOT))).isInstanceOf(Rejected.class);
  }

  @Test
  void storeThatFails_isUnavailable_andNothingIsThrown() throws Exception {
    ApiKeyStore broken = (ApiKeyStore) Proxy.newProxyInstance(
        ApiKeyStore.class.getClassLoader(),
        new Class<?>[] {ApiKeyStore.class},
        (proxy, method, arguments) -> {
          throw new IllegalStateException("down");
        });
    ApiKeys over = ApiKeys.builder("shop", broken).events(events).build();
    String key = issue("partner-7").value();

    Rejected unavailable = new Rejected(Reason.KEYS_UNAVAILABLE, "store: cannot be asked");
    assertThat(over.verify(key, RequestBinding.none())).isEqualTo(unavailable);
    assertThat(over.verifyAsync(key, RequestBinding.none())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS))
        .isEqualTo(unavailable);
    assertThat(seen)
        .extracting(SecurityEvent::type)
        .containsExactly(
            EventType.AUTHN_TOKEN_CREATED, EventType.KEYS_UNAVAILABLE, EventType.KEYS_UNAVAILABLE);
  }

  @Test
  void async_runsOnTheExecutor_unlessTheFormIsWrong() {
    List<Runnable> queued = new ArrayList<>();
    InMemoryApiKeyStore store = InMemoryApiKeyStore.create();
    ApiKeys slow = ApiKeys.builder("shop", store).executor(queued::add).build();
    ApiKeys stopped = ApiKeys.builder("shop", store)
        .executor(task -> {
          throw new RejectedExecutionException();
        })
        .build();
    String key = ((Issued) slow.issue("partner-7", Set.of(), Duration.ofDays(1))).value();

    var pending = slow.verifyAsync(key, RequestBinding.none()).toCompletableFuture();
    assertThat(pending).isNotDone();
    assertThat(slow.verifyAsync("shop_x", RequestBinding.none()).toCompletableFuture())
        .isCompletedWithValueMatching(Rejected.class::isInstance);
    queued.forEach(Runnable::run);
    assertThat(pending).isCompletedWithValueMatching(Verified.class::isInstance);
    assertThat(stopped.verifyAsync(key, RequestBinding.none()).toCompletableFuture())
        .isCompletedWithValueMatching(result ->
            result instanceof Rejected rejected && rejected.reason() == Reason.KEYS_UNAVAILABLE);
  }

  @Test
  void oneDoor_takesKeysAndTokens() {
    try (TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start()) {
      TokenVerifier tokens = TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
          .audience("shop")
          .build();
      BearerAuthentication door = BearerAuthentication.of(
          CredentialCheck.anyOf(keys, tokens),
          AccessRules.of(
              AccessRule.named("read").anyCaller().actions("GET /orders").scopes("orders:read")));
      String key = issue("partner-7").value();
      String token = idp.token("alice").audience("shop").scopes("orders:read").sign();

      assertThat(subject(door, key)).isEqualTo("partner-7");
      assertThat(subject(door, token)).isEqualTo("alice");
      assertThat(door.authenticate(Request.of("GET", "/orders", "Bearer shop_x")))
          .isInstanceOfSatisfying(
              Outcome.Refused.class, refused -> assertThat(refused.status()).isEqualTo(401));
      assertThat(door.authenticate(Request.of("GET", "/orders", "Bearer opaque")))
          .isInstanceOf(Outcome.Refused.class);
      assertThat(door.authenticate(Request.of("GET", "/orders", null)))
          .isInstanceOf(Outcome.Refused.class);
    }
  }

  private static String subject(BearerAuthentication door, String credential) {
    return ((Outcome.Authenticated)
            door.authenticate(Request.of("GET", "/orders", "Bearer " + credential)))
        .context()
        .subject()
        .orElseThrow();
  }

  private Issued issue(String owner) {
    Issue issue = keys.issue(owner, Set.of("orders:read"), Duration.ofDays(90));
    assertThat(issue).isInstanceOf(Issued.class);
    return (Issued) issue;
  }

  private Verification verify(String key) {
    return keys.verify(key, RequestBinding.none());
  }
}
