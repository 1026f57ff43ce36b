package dev.msk.benchmarks.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.security.Authorizer.Decision;
import dev.msk.security.Verification.Verified;
import org.junit.jupiter.api.Test;

class LookupBenchmarkTest {

  private final LookupBenchmark benchmark = new LookupBenchmark();

  @Test
  void rememberedToken_isVerified() throws Exception {
    LookupBenchmark.RememberedToken state = new LookupBenchmark.RememberedToken();
    state.verify();

    assertThat(benchmark.rememberedTokenOurs(state))
        .isInstanceOfSatisfying(
            Verified.class, verified -> assertThat(verified.subject()).isEqualTo("alice"));
    assertThat(benchmark.rememberedTokenOurs(state))
        .as("the same object, so it was not verified again")
        .isSameAs(benchmark.rememberedTokenOurs(state));
    assertThat(benchmark.rememberedTokenFloor(state)).hasSize(32);
  }

  @Test
  void opaqueToken_isAskedAboutOnce() throws Exception {
    LookupBenchmark.OpaqueToken state = new LookupBenchmark.OpaqueToken();
    state.ask();

    assertThat(benchmark.opaqueTokenOurs(state)).isInstanceOf(Verified.class);
    assertThat(benchmark.opaqueTokenFloor(state)).hasSize(32);
    state.stop();
  }

  @Test
  void apiKey_isVerified() throws Exception {
    LookupBenchmark.ApiKey state = new LookupBenchmark.ApiKey();
    state.issue();

    assertThat(benchmark.apiKeyOurs(state))
        .isInstanceOfSatisfying(
            Verified.class, verified -> assertThat(verified.subject()).isEqualTo("partner-7"));
    assertThat(benchmark.apiKeyFloor(state)).hasSize(32);
  }

  @Test
  void ownToken_isThere() throws Exception {
    LookupBenchmark.OwnToken state = new LookupBenchmark.OwnToken();
    state.ask();
    try {
      assertThat(benchmark.credentialOurs(state).value()).hasSize(700);
    } finally {
      state.stop();
    }
  }

  @Test
  void decision_isThatOfTheEighthRule() {
    assertThat(benchmark.decisionOurs(new LookupBenchmark.Rules()))
        .isEqualTo(new Decision(true, "rule-8"));
  }
}
