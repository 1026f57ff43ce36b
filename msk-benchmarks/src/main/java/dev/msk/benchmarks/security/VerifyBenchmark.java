package dev.msk.benchmarks.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.JwksSource;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One token of 700 characters, verified by ours, by Nimbus, jjwt, java-jwt and jose4j, and its signature alone by the JDK. Run by
 * {@code ./mvnw -Pbench -Dbench=security -Drows=verify}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VerifyBenchmark {

  private static final String OWN = "own";

  /** Of the signature. */
  @Param({"RS256", "ES256", "EDDSA"})
  public String algorithm = "";

  /** Who verifies. */
  @Param({"ours", "floor", "nimbus", "jjwt", "java-jwt", "jose4j"})
  public String contender = "";

  /** A token for all of them, see {@code Issued}; without one, each has its own. */
  @Param(OWN)
  public String text = OWN;

  private @Nullable Issued issued;
  private @Nullable TokenCheck check;

  /**
   * Issues the token, if there is none.
   *
   * @throws Exception if a contender cannot be made
   */
  @Setup
  public void issue() throws Exception {
    Issued made = text.equals(OWN) ? Issued.by(TokenAlgorithm.valueOf(algorithm)) : Issued.of(text);
    issued = made;
    check = of(contender, made);
  }

  /**
   * Verifies.
   *
   * @return what the token says
   * @throws Exception if it is refused
   */
  @Benchmark
  public Object verify() throws Exception {
    return requireNonNull(check).verify(requireNonNull(issued).token());
  }

  static TokenCheck of(String contender, Issued issued) throws Exception {
    return switch (contender) {
      case "ours" -> ours(issued);
      case "floor" -> floor(issued);
      case "nimbus" -> TokenPeers.nimbus(issued);
      case "jjwt" -> TokenPeers.jjwt(issued);
      case "java-jwt" -> TokenPeers.javaJwt(issued);
      case "jose4j" -> TokenPeers.jose4j(issued);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }

  private static TokenCheck ours(Issued issued) {
    TokenVerifier verifier = TokenVerifier.builder(issued.issuer(), JwksSource.fixed(issued.jwks()))
        .audience(Issued.AUDIENCE)
        .build();
    return token -> {
      Verification result = verifier.verify(token);
      if (result instanceof Verification.Rejected) {
        throw new GeneralSecurityException(result.toString());
      }
      return result;
    };
  }

  private static TokenCheck floor(Issued issued) {
    RawSignature signature = RawSignature.of(issued);
    return token -> {
      if (!signature.verify()) {
        throw new GeneralSecurityException("signature");
      }
      return token;
    };
  }
}
