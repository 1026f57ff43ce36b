package dev.msk.security;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.TokenCache;
import dev.msk.security.testing.TestIdp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens that are remembered, in virtual time. */
@Timeout(60)
final class VerifiedCacheTest {

  private final ManualTime time = ManualTime.create();
  private final TestIdp idp =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(time).start();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final JwksSource keys = JwksSource.discover(idp.issuer())
      .ticker(time)
      .timeout(Duration.ofSeconds(30))
      .outageTolerance(Duration.ZERO)
      .build();
  private final TokenVerifier verifier = TokenVerifier.builder(idp.issuer(), keys)
      .audience("orders")
      .cache(100, Duration.ofMinutes(1))
      .clock(time)
      .ticker(time)
      .telemetry(telemetry)
      .build();

  @AfterEach
  void stop() {
    keys.close();
    idp.close();
  }

  @Test
  void tokenThatComesAgain_isAHit() {
    String token = token();

    Verification first = verifier.verify(token);
    Verification second = verifier.verify(token);

    assertThat(second).isSameAs(first).isInstanceOf(Verified.class);
    assertThat(lookups("hit")).isEqualTo(1);
    assertThat(telemetry.count("msk.security.token.verifications", "verified")).isEqualTo(2);
  }

  @Test
  void rejections_areNotRemembered() {
    String early = idp.token("alice")
        .audience("orders")
        .claim("nbf", time.instant().getEpochSecond() + 31)
        .sign();

    assertReason(early, Reason.NOT_YET_VALID);
    time.advance(Duration.ofSeconds(1));

    assertThat(verifier.verify(early)).isInstanceOf(Verified.class);
    assertThat(lookups("hit")).isZero();
  }

  @Test
  void hit_endsWithTheToken() {
    String token =
        idp.token("alice").audience("orders").life(Duration.ofSeconds(20)).sign();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);

    time.advance(Duration.ofMillis(49_999));
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    time.advance(Duration.ofMillis(1));

    assertReason(token, Reason.EXPIRED);
    assertThat(lookups("hit")).isEqualTo(2);
  }

  @Test
  void hit_endsAfterAMinute_howeverOftenItIsUsed() {
    String token = token();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);

    time.advance(Duration.ofSeconds(59));
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    time.advance(Duration.ofSeconds(1));

    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    assertThat(lookups("hit")).isEqualTo(1);
    assertThat(lookups("miss")).isEqualTo(2);
  }

  @Test
  void keyThatTheIssuerTookAway_endsHitsAsSoonAsThatIsKnown() throws Exception {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    time.advance(Duration.ofSeconds(235));
    String token = token();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    idp.rotate();
    idp.rotate();

    time.advance(Duration.ofSeconds(5));
    eventually("the key is gone", () -> verifier.verify(token) instanceof Rejected);

    assertReason(token, Reason.KEY_UNKNOWN);
    assertThat(idp.fetches()).isEqualTo(2);
  }

  @Test
  void keyThatIsFetchedAnew_keepsHits() throws Exception {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    time.advance(Duration.ofSeconds(235));
    String token = token();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);

    time.advance(Duration.ofSeconds(5));
    eventually(
        "the keys are fresh",
        () -> verifier.verify(token) instanceof Verified
            && keys.age().equals(Optional.of(Duration.ZERO)));
    long misses = lookups("miss");

    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
    assertThat(lookups("miss")).isEqualTo(misses).isEqualTo(2);
  }

  @Test
  void issuerThatIsAwayForTooLong_endsHits() throws Exception {
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    time.advance(Duration.ofSeconds(295));
    String token = token();
    eventually(
        "the keys are fresh",
        () -> verifier.verify(token) instanceof Verified
            && keys.age().equals(Optional.of(Duration.ZERO)));
    idp.down(true);
    time.advance(Duration.ofSeconds(299));
    String late = token();
    assertThat(verifier.verify(late)).isInstanceOf(Verified.class);

    time.advance(Duration.ofSeconds(1));

    assertReason(late, Reason.KEYS_UNAVAILABLE);
  }

  @Test
  void otherSpellings_areNoHits() {
    String token = token();
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);

    for (String other : List.of(token + "=", token + "\n", " " + token, token + "\ud800")) {
      assertReason(other, Reason.MALFORMED);
    }
    assertThat(lookups("hit")).isZero();
  }

  @Test
  void whatIsRemembered_cannotBeChangedByACaller() {
    String token = idp.token("alice")
        .audience("orders")
        .claim("groups", new ArrayList<>(List.of("readers", Map.of("deep", List.of(1)))))
        .sign();
    Verified verified = (Verified) verifier.verify(token);

    @SuppressWarnings("unchecked")
    List<Object> groups = (List<Object>) verified.claims().get("groups");

    assertThat(groups).isNotNull();
    assertThatThrownBy(() -> groups.add("admins"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> ((Map<?, ?>) groups.get(1)).clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void cache_staysWithinItsBound() {
    TokenCache cache = TokenCache.bounded(10, Duration.ofMinutes(1), time);
    assertThat(verifier.verify(token())).isInstanceOf(Verified.class);
    Verified verified = (Verified) verifier.verify(token());
    var key = keys.lookup(Optional.of(idp.keyId(TokenAlgorithm.ES256)), TokenAlgorithm.ES256)
        .join();
    var entry = new TokenCache.Entry(
        Optional.empty(), TokenAlgorithm.ES256, ((KeyLookup.Found) key).key(), verified);

    IntStream.range(0, 1000).forEach(i -> cache.keep("token " + i, entry));

    assertThat(IntStream.range(0, 1000)
            .filter(i -> cache.find("token " + i) != null)
            .count())
        .isBetween(1L, 10L);
  }

  @Test
  void build_namesWhatIsOutOfBounds() {
    assertThatThrownBy(() -> TokenVerifier.builder(idp.issuer(), keys)
            .audience("orders")
            .cache(-1, Duration.ofHours(1))
            .build())
        .hasMessage("cache: -1 entries (expected: >= 0); "
            + "cache: for PT1H (expected: more than zero, <= PT5M)");
  }

  private String token() {
    return idp.token("alice").audience("orders").sign();
  }

  private long lookups(String result) {
    return telemetry.count("msk.security.token.cache.lookups", result);
  }

  private void assertReason(String token, Reason reason) {
    assertThat(verifier.verify(token))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason));
  }
}
