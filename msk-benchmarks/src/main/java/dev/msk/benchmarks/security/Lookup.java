package dev.msk.benchmarks.security;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;
import java.util.Map;

/** {@link LookupBenchmark}, one of its pairs. */
final class Lookup implements Measure {

  private final String name;
  private final String method;
  private final boolean hasFloor;
  private final String bar;
  private final String note;

  private Lookup(String name, String method, boolean hasFloor, String bar, String note) {
    this.name = name;
    this.method = method;
    this.hasFloor = hasFloor;
    this.bar = bar;
    this.note = note;
  }

  static Lookup rememberedToken() {
    return new Lookup(
        "lookup-remembered-token",
        "rememberedToken",
        true,
        "ours <= 1.6 * floor",
        "TokenVerifier with a cache, a token of 700 characters; floor: its SHA-256");
  }

  static Lookup opaqueToken() {
    return new Lookup(
        "lookup-opaque-token",
        "opaqueToken",
        true,
        Forks.NO_BAR,
        "OpaqueTokens, a token of 36 characters that the issuer was asked about; floor: its SHA-256");
  }

  static Lookup apiKey() {
    return new Lookup(
        "lookup-api-key",
        "apiKey",
        true,
        Forks.NO_BAR,
        "ApiKeys, the store in memory; floor: the SHA-256 of the key");
  }

  static Lookup credential() {
    return new Lookup(
        "lookup-own-token",
        "credential",
        false,
        Forks.NO_BAR,
        "TokenSource, a token that it has; no floor");
  }

  static Lookup decision() {
    return new Lookup(
        "lookup-decision",
        "decision",
        false,
        Forks.NO_BAR,
        "AccessRules, allowed by the eighth of ten rules; no floor");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) {
    boolean barred = !bar.equals(Forks.NO_BAR);
    Rounds rounds = Rounds.of(bench.choose(barred ? 5 : 3, 1), bench::say)
        .warmups(0)
        .add(Rounds.OURS, () -> fork(bench, method + "Ours"));
    if (hasFloor) {
      rounds.add(Rounds.FLOOR, () -> fork(bench, method + "Floor"));
    }
    return Forks.rows(rounds.run(), name, bar, bar, note);
  }

  private static double[] fork(Bench bench, String method) throws Exception {
    return Forks.fork(bench, LookupBenchmark.class, method, Map.of());
  }
}
