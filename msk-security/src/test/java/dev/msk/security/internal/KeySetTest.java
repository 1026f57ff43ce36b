package dev.msk.security.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.TokenAlgorithm;
import dev.msk.security.testing.TestIdp;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Keys that must not be used are left out, and the good one beside them stays. */
final class KeySetTest {

  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private static final String GOOD = IDP.jwks().replaceAll("^\\{\"keys\":\\[|]}$", "");
  private static final String EXPONENT = "AQAB";

  @AfterAll
  static void stop() {
    IDP.close();
  }

  @Test
  void shortRsaKey_isLeftOut() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    BigInteger modulus = ((RSAPublicKey) generator.generateKeyPair().getPublic()).getModulus();

    assertLeftOut(rsa(modulus, EXPONENT, ""), "n: 1024 bits (expected: 2048 to 8192)");
  }

  @Test
  void weakExponent_isLeftOut() {
    assertLeftOut(rsa(modulus(), "AQ", ""), "exponent is smaller than 3");
    assertLeftOut(rsa(modulus(), "BA", ""), "e: weak");
  }

  @Test
  void rocaKey_isLeftOut() {
    BigInteger primes = BigInteger.ONE;
    for (int prime = 3; prime <= 167; prime += 2) {
      if (BigInteger.valueOf(prime).isProbablePrime(50)) {
        primes = primes.multiply(BigInteger.valueOf(prime));
      }
    }
    BigInteger fingerprint = BigInteger.valueOf(65537).modPow(BigInteger.valueOf(4711), primes);
    BigInteger flawed = BigInteger.TWO
        .pow(2047)
        .divide(primes)
        .add(BigInteger.TEN)
        .multiply(primes)
        .add(fingerprint);

    assertThat(RsaStrength.isRoca(flawed)).isTrue();
    assertThat(RsaStrength.isRoca(flawed.add(BigInteger.TWO))).isFalse();
    assertLeftOut(rsa(flawed, EXPONENT, ""), "(ROCA)");
  }

  @Test
  void privateKey_isLeftOut() {
    assertLeftOut(
        rsa(modulus(), EXPONENT, ",\"d\":\"AQAB\""), "d: present (expected: a public key)");
  }

  @Test
  void symmetricKey_isLeftOut() {
    assertLeftOut("{\"kty\":\"oct\",\"kid\":\"x\",\"k\":\"c2VjcmV0\"}", "k: present");
  }

  @Test
  void keyForEncryption_isLeftOut() {
    assertLeftOut(rsa(modulus(), EXPONENT, ",\"use\":\"other\""), "use: not for signatures");
    assertLeftOut(rsa(modulus(), EXPONENT, ",\"key_ops\":[\"encrypt\"]"), "key_ops: no verify");
  }

  @Test
  void keyThatIsDeclaredForEncryption_isLeftOut_andNoFault() {
    KeySet keys = KeySet.parse(set(rsa(modulus(), EXPONENT, ",\"use\":\"enc\""), GOOD));

    assertThat(keys.faults()).isEmpty();
    assertThat(keys.size()).isEqualTo(1);
    assertThat(keys.find(Optional.of("x"), TokenAlgorithm.RS256)).isEmpty();
  }

  @Test
  void pointThatIsNotOnTheCurve_isLeftOut() {
    String y = GOOD.replaceAll(".*\"y\":\"([^\"]+)\".*", "$1");
    String off = (y.charAt(0) == 'A' ? 'B' : 'A') + y.substring(1);

    assertLeftOut(GOOD.replace(y, off).replace("ES256-1", "other"), "keys[0]: ");
  }

  @Test
  void otherCurve_isLeftOut() {
    assertLeftOut(
        GOOD.replace("P-256", "secp256k1").replace("ES256-1", "other"),
        "crv: not supported (expected: P-256)");
  }

  @Test
  void keysOfOneName_areAllLeftOut() {
    KeySet keys = KeySet.parse(set(GOOD, GOOD));

    assertThat(keys.size()).isZero();
    assertThat(keys.faults())
        .hasSize(2)
        .allMatch(fault -> fault.contains("another key has the same"));
  }

  @Test
  void keyForAnotherAlgorithm_isFoundAndSuitsNothing() {
    KeySet keys = KeySet.parse(set(rsa(modulus(), EXPONENT, ",\"alg\":\"PS512\"")));

    assertThat(keys.find(Optional.of("x"), TokenAlgorithm.RS256)).hasValueSatisfying(key -> {
      assertThat(key.suits(TokenAlgorithm.RS256)).isFalse();
      assertThat(key.suits(TokenAlgorithm.PS256)).isFalse();
    });
  }

  @Test
  void withoutAName_theOnlyKeyForTheAlgorithmIsMeant() {
    KeySet keys = KeySet.parse(set(GOOD, rsa(modulus(), EXPONENT, "")));

    assertThat(keys.find(Optional.empty(), TokenAlgorithm.ES256)).isPresent();
    assertThat(keys.find(Optional.empty(), TokenAlgorithm.EDDSA)).isEmpty();
  }

  @Test
  void whatIsNoKeySet_isRefused() {
    for (String json :
        new String[] {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}"}) {
      assertThatThrownBy(() -> KeySet.parse(json.getBytes(UTF_8)))
          .as(json)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> KeySet.parse(set("1,".repeat(100) + "1")))
        .hasMessage("key set: 101 keys (expected: <= 100)");
  }

  private static void assertLeftOut(String key, String fault) {
    KeySet keys = KeySet.parse(set(key, GOOD));

    assertThat(keys.faults()).singleElement().asString().contains(fault);
    assertThat(keys.find(Optional.of(IDP.keyId(TokenAlgorithm.ES256)), TokenAlgorithm.ES256))
        .isPresent();
    assertThat(keys.size()).isEqualTo(1);
  }

  private static BigInteger modulus() {
    return new BigInteger(2047, new Random(7)).setBit(2047).setBit(0);
  }

  private static String rsa(BigInteger modulus, String exponent, String more) {
    byte[] bytes = modulus.toByteArray();
    String n = Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    return "{\"kty\":\"RSA\",\"kid\":\"x\",\"n\":\"" + n + "\",\"e\":\"" + exponent + "\"" + more
        + "}";
  }

  private static byte[] set(String... keys) {
    return ("{\"keys\":[" + String.join(",", keys) + "]}").getBytes(UTF_8);
  }
}
