package dev.msk.benchmarks.security;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.security.TokenAlgorithm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@link VerifyBenchmark} with one algorithm. */
final class Verify implements Measure {

  private final TokenAlgorithm algorithm;
  private final String bar;

  Verify(TokenAlgorithm algorithm, String bar) {
    this.algorithm = algorithm;
    this.bar = bar;
  }

  @Override
  public String name() {
    return "verify-" + algorithm.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    String issued = Issued.by(algorithm).text();
    contenders(algorithm)
        .forEach((name, contender) -> rounds.add(name, () -> fork(bench, contender, issued)));
    return Forks.rows(
        rounds.run(),
        name(),
        bar,
        Forks.NO_BAR,
        "one token of 700 characters for all, nothing remembered; floor: Signature of the JDK over bytes that lie ready; all check"
            + " algorithm, issuer, audience and expiry; type too: ours, Nimbus, jose4j; claims strictly, and base64 in one spelling:"
            + " ours alone");
  }

  /** By the names of rows: java-jwt has no EdDSA, and Nimbus's needs Tink. */
  static Map<String, String> contenders(TokenAlgorithm algorithm) {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    if (algorithm != TokenAlgorithm.EDDSA) {
      contenders.put("Nimbus 10.10", "nimbus");
      contenders.put("java-jwt 4.6.2", "java-jwt");
    }
    contenders.put("jjwt 0.13.0", "jjwt");
    contenders.put("jose4j 0.9.7", "jose4j");
    return contenders;
  }

  private double[] fork(Bench bench, String contender, String issued) throws Exception {
    return Forks.fork(
        bench,
        VerifyBenchmark.class,
        "verify",
        Map.of("algorithm", algorithm.name(), "contender", contender, "text", issued));
  }
}
