package dev.msk.benchmarks.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.TokenAlgorithm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerifyBenchmarkTest {

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PS256")
  void contenders_takeTheToken(TokenAlgorithm algorithm) throws Exception {
    String text = Issued.by(algorithm).text();
    for (String contender : Verify.contenders(algorithm).values()) {
      VerifyBenchmark benchmark = new VerifyBenchmark();
      benchmark.algorithm = algorithm.name();
      benchmark.contender = contender;
      benchmark.text = text;
      benchmark.issue();

      assertThat(benchmark.verify()).as(contender).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PS256")
  void contenders_refuseATokenOfAnotherIssuer(TokenAlgorithm algorithm) throws Exception {
    Issued issued = Issued.by(algorithm);
    String other = Issued.by(algorithm).token();

    for (String contender : Verify.contenders(algorithm).values()) {
      if (!contender.equals("floor")) {
        TokenCheck check = VerifyBenchmark.of(contender, issued);
        assertThatThrownBy(() -> check.verify(other)).as(contender).isInstanceOf(Exception.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PS256")
  void floor_looksAtTheSignature(TokenAlgorithm algorithm) throws Exception {
    Issued issued = Issued.by(algorithm);
    Issued withOtherKey = new Issued(
        algorithm, issued.issuer(), issued.jwks(), Issued.by(algorithm).key(), issued.token());

    assertThat(RawSignature.of(issued).verify()).isTrue();
    assertThat(RawSignature.of(withOtherKey).verify()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void token_isTheSameInAnotherProcess(TokenAlgorithm algorithm) throws Exception {
    Issued issued = Issued.by(algorithm);

    assertThat(Issued.of(issued.text())).isEqualTo(issued);
  }

  @ParameterizedTest
  @EnumSource
  void token_has700Characters(TokenAlgorithm algorithm) {
    assertThat(Issued.by(algorithm).token()).hasSize(700);
  }
}
