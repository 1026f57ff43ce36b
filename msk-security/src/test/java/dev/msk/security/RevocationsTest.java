package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that are taken back, in virtual time; each of them is remembered by the verifier when that happens. */
final class RevocationsTest {

  private final ManualTime time = ManualTime.create();
  private final TestIdp idp =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(time).start();
  private final Revocations revocations = Revocations.builder()
      .maxTokenLife(Duration.ofHours(1))
      .maxEntries(3)
      .clock(time)
      .build();
  private final TokenVerifier verifier = TokenVerifier.builder(
          idp.issuer(), JwksSource.fixed(idp.jwks()))
      .audience("orders")
      .cache(100, Duration.ofMinutes(5))
      .revocations(revocations)
      .clock(time)
      .ticker(time)
      .build();

  @AfterEach
  void stop() {
    idp.close();
  }

  @Test
  void revokedToken_isRefusedWithItsNextUse_andNoOther() {
    String token = remembered(honest().claim("jti", "t1"));
    String other = remembered(honest().claim("jti", "t2"));

    revocations.add(new Revocation.Token("t1"));

    assertThat(verifier.verify(token)).isEqualTo(new Rejected(Reason.REVOKED, "jti: revoked"));
    assertThat(verifier.verify(other)).isInstanceOf(Verified.class);
  }

  @Test
  void revokedSession_isRefused_whateverItsTokensAre() {
    String token = remembered(honest().claim("sid", "s1"));
    String other = remembered(honest().claim("sid", "s2"));

    revocations.add(new Revocation.Session("s1"));
    time.advance(Duration.ofSeconds(5));

    assertReason(token, Reason.REVOKED);
    assertReason(honest().claim("sid", "s1").sign(), Reason.REVOKED);
    assertThat(verifier.verify(other)).isInstanceOf(Verified.class);
  }

  @Test
  void revokedSubject_mayComeBackWithATokenOfALaterSecond() {
    String token = remembered(honest());
    revocations.add(new Revocation.Subject("alice", time.instant()));

    assertReason(token, Reason.REVOKED);
    assertReason(honest().claim("sid", "s1").sign(), Reason.REVOKED);
    time.advance(Duration.ofMillis(999));
    assertReason(honest().sign(), Reason.REVOKED);
    time.advance(Duration.ofMillis(1));

    assertThat(verifier.verify(honest().sign())).isInstanceOf(Verified.class);
    assertReason(token, Reason.REVOKED);
  }

  @Test
  void earlierRevocation_doesNotReplaceALaterOne() {
    String token = remembered(honest());

    revocations.add(new Revocation.Subject("alice", time.instant()));
    revocations.add(new Revocation.Subject("alice", time.instant().minusSeconds(60)));

    assertReason(token, Reason.REVOKED);
  }

  @Test
  void subjectWithoutSession_leavesSessionsAlone() {
    String sessionless = remembered(honest());
    String token = remembered(honest().claim("sid", "s1"));

    revocations.add(new Revocation.SubjectWithoutSession("alice", time.instant()));

    assertReason(sessionless, Reason.REVOKED);
    assertThat(verifier.verify(token)).isInstanceOf(Verified.class);
  }

  @Test
  void everything_isEverything() {
    String token = remembered(honest());
    String other = remembered(idp.token("bob").audience("orders"));

    revocations.add(new Revocation.Everything(time.instant()));
    time.advance(Duration.ofSeconds(1));

    assertReason(token, Reason.REVOKED);
    assertReason(other, Reason.REVOKED);
    assertThat(verifier.verify(honest().sign())).isInstanceOf(Verified.class);
  }

  @Test
  void revocation_outlivesEveryTokenThatItCouldMean() {
    String longest = remembered(honest().claim("jti", "t1").life(Duration.ofHours(1)));
    revocations.add(new Revocation.Token("t1"));

    time.advance(Duration.ofMinutes(60).plusSeconds(29));
    assertThat(revocations.size()).isEqualTo(1);
    assertReason(longest, Reason.REVOKED);
    time.advance(Duration.ofSeconds(1));
    assertReason(longest, Reason.EXPIRED);
    time.advance(Duration.ofMinutes(10));

    assertThat(revocations.size()).isZero();
  }

  @Test
  void tokenThatLivesLongerThanRevocationsAreKept_isRefused() {
    String token = honest().life(Duration.ofMinutes(61)).sign();

    assertThat(verifier.verify(token))
        .isEqualTo(new Rejected(
            Reason.CLAIM, "exp: further from iat than revocations are kept (expected: <= PT1H)"));
  }

  @Test
  void tokenThatCannotBeRevoked_isRefused() {
    revocations.add(new Revocation.Token("another"));

    assertReason(honest().claim("iat", null).sign(), Reason.CLAIM);
    assertReason(honest().claim("sid", 7).sign(), Reason.CLAIM);
    assertReason(honest().claim("jti", "x".repeat(257)).sign(), Reason.CLAIM);
  }

  @Test
  void fullList_saysSo_andForgetsNothing() {
    String first = remembered(honest().claim("jti", "t0"));
    String late = remembered(honest().claim("jti", "t3"));
    IntStream.range(0, 3).forEach(i -> revocations.add(new Revocation.Token("t" + i)));

    assertThatThrownBy(() -> revocations.add(new Revocation.Token("t3")))
        .isInstanceOfSatisfying(
            RevocationsFullException.class,
            full -> assertThat(full.maxEntries()).isEqualTo(3));
    revocations.add(new Revocation.Token("t1"));

    assertReason(first, Reason.REVOKED);
    assertThat(verifier.verify(late)).isInstanceOf(Verified.class);
    revocations.add(new Revocation.Everything(time.instant()));
    assertReason(late, Reason.REVOKED);
  }

  @Test
  void roomComesBack_whenTokensHaveExpired() {
    IntStream.range(0, 3).forEach(i -> revocations.add(new Revocation.Token("t" + i)));

    time.advance(Duration.ofMinutes(70));
    revocations.add(new Revocation.Token("t3"));

    assertThat(revocations.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 257})
  void identifierThatNoTokenHas_isRefused(int length) {
    assertThatThrownBy(() -> new Revocation.Session("x".repeat(length)))
        .hasMessage("id: " + length + " characters (expected: 1 to 256)");
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() ->
            Revocations.builder().maxEntries(0).maxTokenLife(Duration.ZERO).build())
        .hasMessage("maxEntries: 0 (expected: >= 1); "
            + "maxTokenLife: PT0S (expected: more than zero, <= 366 days)");
  }

  private TestIdp.Token honest() {
    return idp.token("alice").audience("orders");
  }

  private String remembered(TestIdp.Token token) {
    String text = token.sign();
    assertThat(verifier.verify(text)).isInstanceOf(Verified.class);
    return text;
  }

  private void assertReason(String token, Reason reason) {
    assertThat(verifier.verify(token))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason));
  }
}
