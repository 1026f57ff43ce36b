package dev.msk.security.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.security.JwksSource;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random tokens before ours and two other verifiers: what both others refuse, ours refuses. {@code -Dmsk.fuzz.seed} plays a run again,
 * {@code -Dmsk.fuzz.rounds} makes it longer; default 2,000 rounds.
 */
@Timeout(3_600)
final class DifferentialFuzzTest {

  private static final int ROUNDS = Integer.getInteger("msk.fuzz.rounds", 2_000);
  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256, TokenAlgorithm.RS256).start();

  private static final Map<String, Consumer<JwtConsumerBuilder>> WEAKNESSES = Map.of(
      "signature",
      JwtConsumerBuilder::setSkipSignatureVerification,
      "audience",
      JwtConsumerBuilder::setSkipDefaultAudienceValidation,
      "issuer",
      builder -> builder.setExpectedIssuer(false, (String) null),
      "expiry",
      builder -> builder.setAllowedClockSkewInSeconds(Integer.MAX_VALUE));

  private final long seed = Long.getLong("msk.fuzz.seed", System.nanoTime());
  private final Predicate<String> nimbus;
  private final Predicate<String> jose4j;

  DifferentialFuzzTest() throws Exception {
    this.nimbus = OtherVerifiers.nimbus(IDP);
    this.jose4j = OtherVerifiers.jose4j(IDP);
  }

  @AfterAll
  static void stop() {
    IDP.close();
  }

  @Test
  void whatBothOthersRefuse_isRefused() {
    TokenVerifier verifier = TokenVerifier.builder(IDP.issuer(), JwksSource.fixed(IDP.jwks()))
        .audience("orders")
        .build();

    Difference difference = difference(token -> {
      Verification result = verifier.verify(token);
      assertThat(result instanceof Rejected rejected && rejected.reason() == Reason.INTERNAL)
          .as("seed %d: fault of the verifier: %s", seed, token)
          .isFalse();
      return result instanceof Verified;
    });

    System.out.printf(
        "fuzz: -Dmsk.fuzz.seed=%d, %d tokens, %d taken by ours, %d by another and not by ours%n",
        seed, ROUNDS, difference.taken, difference.stricter);
    assertThat(difference.tooMuch).as("seed %d: taken by ours alone", seed).isEmpty();
    assertThat(difference.taken).as("seed %d: honest ones among them", seed).isPositive();
    assertThat(difference.stricter).as("seed %d: refused by ours alone", seed).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"signature", "audience", "issuer", "expiry"})
  void verifierThatDoesNotLook_isCaught(String at) throws Exception {
    assertThat(difference(OtherVerifiers.jose4j(IDP, WEAKNESSES.get(at))).tooMuch)
        .as("seed %d", seed)
        .isPresent();
  }

  /** Ends with the first token that a verifier alone takes. */
  private Difference difference(Predicate<String> verifier) {
    RandomTokens tokens = new RandomTokens(IDP, new SplittableRandom(seed));
    int taken = 0;
    int stricter = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String token = tokens.next();
      boolean takes = verifier.test(token);
      boolean othersTake = nimbus.test(token) || jose4j.test(token);
      taken += takes ? 1 : 0;
      stricter += !takes && othersTake ? 1 : 0;
      if (takes && !othersTake) {
        return new Difference(taken, stricter, Optional.of("round " + round + ": " + token));
      }
    }
    return new Difference(taken, stricter, Optional.empty());
  }

  private record Difference(int taken, int stricter, Optional<String> tooMuch) {}
}
