package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class TokenVerifierTest {

  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256, TokenAlgorithm.RS256).start();
  private static final JwksSource KEYS = JwksSource.fixed(IDP.jwks());

  @AfterAll
  static void stop() {
    IDP.close();
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> TokenVerifier.builder("ftp://id.example", KEYS)
            .algorithms()
            .skew(Duration.ofHours(1))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("issuer: ftp://id.example (expected: https://host/…")
        .hasMessageContaining("audience: [] (expected: at least one, none blank)")
        .hasMessageContaining("algorithms: [] (expected: at least one)")
        .hasMessageContaining("skew: PT1H (expected: zero to PT5M)");
  }

  @Test
  void build_withKeysOfAnotherIssuer_isRefused() {
    JwksSource others = JwksSource.discover("https://other.example").build();

    assertThatThrownBy(() -> TokenVerifier.builder("https://id.example", others)
            .audience("orders")
            .build())
        .hasMessageContaining("keys: of https://other.example (expected: of https://id.example)");
  }

  @Test
  void algorithmThatIsNotAllowedHere_isRejected() {
    TokenVerifier rsaOnly = TokenVerifier.builder(IDP.issuer(), KEYS)
        .audience("orders")
        .algorithms(TokenAlgorithm.RS256)
        .build();

    assertThat(rsaOnly.verify(token().algorithm(TokenAlgorithm.ES256).sign()))
        .isEqualTo(new Rejected(Reason.ALGORITHM, "alg: not allowed (expected: one of [RS256])"));
  }

  @Test
  void presets_relaxTheTypeOnly() {
    String jwt = token().header("typ", "JWT").sign();
    String bearer = token().header("typ", "JWT").claim("typ", "Bearer").sign();
    String idToken = token().header("typ", "JWT").claim("typ", "ID").sign();
    String dpop = token().header("typ", "JWT").claim("typ", "DPoP").sign();
    String untyped = token().header("typ", null).sign();
    String longType = token().header("typ", "application/at+JWT").sign();

    assertThat(accepted(TokenProfile.ACCESS_TOKEN, jwt, bearer, idToken, untyped, longType))
        .containsExactly(false, false, false, false, true);
    assertThat(accepted(TokenProfile.KEYCLOAK, jwt, bearer, idToken, untyped, longType))
        .containsExactly(false, true, false, false, true);
    assertThat(accepted(TokenProfile.AUTH0, jwt, bearer, idToken, untyped, longType))
        .containsExactly(true, true, true, false, true);
    assertThat(accepted(TokenProfile.KEYCLOAK, dpop)).containsExactly(true);
    assertThat(accepted(TokenProfile.ACCESS_TOKEN, dpop)).containsExactly(false);
    assertThat(accepted(TokenProfile.OKTA, jwt, bearer, idToken, untyped, longType))
        .containsExactly(false, false, false, true, true);
  }

  @Test
  void scopes_mayBeAList() {
    String token = token().claim("scp", List.of("a", "b")).sign();

    assertThat(verifier(TokenProfile.ACCESS_TOKEN).verify(token))
        .isInstanceOfSatisfying(
            Verified.class, verified -> assertThat(verified.scopes()).containsOnly("a", "b"));
  }

  @Test
  void oneOfSeveralAudiences_isEnough() {
    String token = IDP.token("alice").claim("aud", List.of("billing", "orders")).sign();

    assertThat(verifier(TokenProfile.ACCESS_TOKEN).verify(token)).isInstanceOf(Verified.class);
  }

  @Test
  void results_areCounted() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    TokenVerifier verifier = TokenVerifier.builder(IDP.issuer(), KEYS)
        .audience("orders")
        .telemetry(telemetry)
        .build();

    var verified = verifier.verify(token().sign());
    var rejected = verifier.verify("x");

    assertThat(verified).isInstanceOf(Verified.class);
    assertThat(rejected).isInstanceOf(Rejected.class);
    assertThat(telemetry.count("msk.security.token.verifications", "verified")).isEqualTo(1);
    assertThat(telemetry.count("msk.security.token.verifications", "malformed")).isEqualTo(1);
  }

  @Test
  void mutatedTokens_neitherPassNorThrow() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    TokenVerifier verifier = verifier(TokenProfile.ACCESS_TOKEN);
    List<String> originals = List.of(
        token().sign(),
        token().algorithm(TokenAlgorithm.RS256).sign(),
        IDP.sign(TokenAlgorithm.ES256, "{}", "{}"),
        "..",
        "");

    for (int i = 0; i < 8_000; i++) {
      String original = originals.get(random.nextInt(originals.size()));
      String mutated = mutate(original, random);
      Verification result = verifier.verify(mutated);

      if (!mutated.equals(original)) {
        assertThat(result)
            .as("seed %d, round %d: %s", seed, i, mutated)
            .isInstanceOfSatisfying(
                Rejected.class,
                rejected -> assertThat(rejected.reason()).isNotEqualTo(Reason.INTERNAL));
      }
    }
  }

  @Test
  void mutatedContents_thatAreSigned_neverThrow() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    TokenVerifier verifier = verifier(TokenProfile.OKTA);
    String header = "{\"alg\":\"ES256\",\"kid\":\"" + IDP.keyId(TokenAlgorithm.ES256) + "\"}";
    String claims = "{\"iss\":\"" + IDP.issuer()
        + "\",\"sub\":\"alice\",\"aud\":[\"orders\"],\"exp\":9999999999,\"scope\":\"a b\"}";

    for (int i = 0; i < 500; i++) {
      String token = IDP.sign(
          TokenAlgorithm.ES256,
          random.nextInt(4) == 0 ? mutate(header, random) : header,
          mutate(claims, random));

      assertThat(verifier.verify(token))
          .as("seed %d, round %d: %s", seed, i, token)
          .satisfies(result -> assertThat(
                  result instanceof Rejected rejected && rejected.reason() == Reason.INTERNAL)
              .isFalse());
    }
  }

  private static List<Boolean> accepted(TokenProfile profile, String... tokens) {
    TokenVerifier verifier = verifier(profile);
    return List.of(tokens).stream()
        .map(token -> verifier.verify(token) instanceof Verified)
        .toList();
  }

  private static TokenVerifier verifier(TokenProfile profile) {
    return TokenVerifier.builder(IDP.issuer(), KEYS)
        .audience("orders")
        .profile(profile)
        .build();
  }

  private static TestIdp.Token token() {
    return IDP.token("alice").audience("orders");
  }

  /** One to three changes: a character exchanged, put in, taken out, or a piece repeated. */
  private static String mutate(String text, SplittableRandom random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = mutated.length() == 0 ? 0 : random.nextInt(mutated.length());
      char other =
          (char) (random.nextInt(10) == 0 ? random.nextInt(0xffff) : random.nextInt(32, 127));
      switch (mutated.length() == 0 ? 1 : random.nextInt(4)) {
        case 0 -> mutated.setCharAt(at, other);
        case 1 -> mutated.insert(at, other);
        case 2 -> mutated.deleteCharAt(at);
        default ->
          mutated.insert(at, mutated.substring(at, at + random.nextInt(mutated.length() - at + 1)));
      }
    }
    return mutated.toString();
  }
}
