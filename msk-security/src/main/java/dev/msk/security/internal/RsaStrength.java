package dev.msk.security.internal;

import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Which RSA keys are strong enough to trust a signature of theirs. */
final class RsaStrength {

  private static final int MIN_BITS = 2048;
  private static final int MAX_BITS = 8192;
  private static final BigInteger MIN_EXPONENT = BigInteger.valueOf(3);

  /**
   * Odd primes up to 167. Moduli made by the flawed library of CVE-2017-15361 (ROCA) are powers of 65537 modulo each of
   * them; of other moduli one in about 2^27 is.
   *
   * @see <a href="https://crocs.fi.muni.cz/public/papers/rsa_ccs17">Nemec et al., The Return of Coppersmith's Attack</a>
   */
  private static final List<Integer> PRIMES = List.of(
      3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
      101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167);

  private static final List<Set<Integer>> POWERS =
      PRIMES.stream().map(RsaStrength::powersOf65537).toList();

  private RsaStrength() {}

  static void require(RSAPublicKey key) throws UnusableKeyException {
    int bits = key.getModulus().bitLength();
    if (bits < MIN_BITS || bits > MAX_BITS) {
      throw new UnusableKeyException(
          "n: " + bits + " bits (expected: " + MIN_BITS + " to " + MAX_BITS + ")");
    }
    if (key.getPublicExponent().compareTo(MIN_EXPONENT) < 0
        || !key.getPublicExponent().testBit(0)
        || key.getPublicExponent().bitLength() > 64) {
      throw new UnusableKeyException("e: weak (expected: odd, >= 3, at most 64 bits)");
    }
    if (isRoca(key.getModulus())) {
      throw new UnusableKeyException("n: made by a library whose keys can be factored (ROCA)");
    }
  }

  static boolean isRoca(BigInteger modulus) {
    return Stream.iterate(0, i -> i < PRIMES.size(), i -> i + 1)
        .allMatch(i -> POWERS
            .get(i)
            .contains(modulus.mod(BigInteger.valueOf(PRIMES.get(i))).intValue()));
  }

  private static Set<Integer> powersOf65537(int prime) {
    Set<Integer> powers = new HashSet<>();
    for (int power = 1; powers.add(power); ) {
      power = power * (65537 % prime) % prime;
    }
    return Set.copyOf(powers);
  }
}
