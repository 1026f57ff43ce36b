package dev.msk.security;

import static dev.msk.security.TokenAlgorithm.PS256;
import static dev.msk.security.TokenAttacks.IDP;
import static dev.msk.security.TokenAttacks.TIME;
import static dev.msk.security.TokenAttacks.VERIFIER;
import static dev.msk.security.TokenAttacks.epoch;
import static dev.msk.security.TokenAttacks.header;
import static dev.msk.security.TokenAttacks.honest;
import static dev.msk.security.TokenAttacks.honestClaims;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Known attacks on tokens: each is rejected for its own reason, by a verifier that takes the honest token. */
final class TokenAttackTest {

  @ParameterizedTest
  @EnumSource
  void honestToken_isVerified(TokenAlgorithm algorithm) {
    String token =
        honest().algorithm(algorithm).scopes("orders:read", "orders:write").sign();

    assertThat(VERIFIER.verify(token)).isInstanceOfSatisfying(Verified.class, verified -> {
      assertThat(verified.subject()).isEqualTo("alice");
      assertThat(verified.scopes()).containsExactlyInAnyOrder("orders:read", "orders:write");
      assertThat(verified.clientId()).contains("test");
      assertThat(verified.expiresAt()).isEqualTo(TIME.instant().plusSeconds(300));
    });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.msk.security.TokenAttacks#all")
  void attack_isRejectedForItsReason(TokenAttacks.Attack attack) {
    assertThat(VERIFIER.verify(attack.token())).isInstanceOfSatisfying(Rejected.class, rejected -> {
      assertThat(rejected.reason()).as(rejected.safeMessage()).isEqualTo(attack.reason());
      assertThat(rejected.safeMessage()).doesNotContain("eyJ");
    });
  }

  @Test
  void boundToken_ofATypeThatLooksHonest_isRejected() {
    String token = honest().claim("cnf", Map.of("jkt", "thumb")).sign();

    assertThat(VERIFIER.verify(token))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(Reason.BINDING));
  }

  @Test
  void clocks_mayDifferByHalfAMinute() {
    assertThat(VERIFIER.verify(honest().life(Duration.ofSeconds(-29)).sign()))
        .isInstanceOf(Verified.class);
    assertThat(VERIFIER.verify(honest().claim("nbf", epoch(29)).sign()))
        .isInstanceOf(Verified.class);
  }

  @Test
  void signedOutsideTheKeysDeclaredAlgorithm_isRejected() {
    String confused = IDP.sign(PS256, header("RS256", IDP.keyId(PS256), ""), honestClaims());

    assertThat(VERIFIER.verify(confused))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.KEY_UNSUITABLE));
  }
}
