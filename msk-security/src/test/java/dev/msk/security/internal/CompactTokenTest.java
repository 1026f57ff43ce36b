package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.Verification.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Headers that came before: known by their exact characters, and only if they were allowed. */
class CompactTokenTest {

  private static final String CLAIMS = base64("{\"sub\":\"alice\"}");

  @Test
  void header_thatCameBefore_isReadOnce_andClaimsEachTime() throws Refusal {
    CompactToken first = CompactToken.parse(token("{\"alg\":\"RS256\",\"kid\":\"one\"}"));
    CompactToken second = CompactToken.parse(base64("{\"alg\":\"RS256\",\"kid\":\"one\"}") + "."
        + base64("{\"sub\":\"bob\"}") + ".AAAA");

    assertThat(second.header()).isSameAs(first.header());
    assertThat(first.claims().get("sub").textValue()).isEqualTo("alice");
    assertThat(second.claims().get("sub").textValue()).isEqualTo("bob");
  }

  @Test
  void headers_ofManyKeys_areNotTakenForOneAnother() throws Refusal {
    for (int round = 0; round < 3; round++) {
      for (int key = 0; key < 500; key++) {
        CompactToken token =
            CompactToken.parse(token("{\"alg\":\"ES256\",\"kid\":\"" + key + "\"}"));

        assertThat(token.keyId()).contains(String.valueOf(key));
      }
    }
  }

  /** Both texts have one hash code, and so one place. */
  @Test
  void headers_thatShareAPlace_areNotTakenForOneAnother() throws Refusal {
    KnownHeaders known = new KnownHeaders();
    known.keep("Aa", CompactToken.parse(token("{\"alg\":\"RS256\"}")).header());

    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    assertThat(known.find("BB")).isNull();
    assertThat(known.find("Aa")).isNotNull();

    known.keep("BB", CompactToken.parse(token("{\"alg\":\"ES256\"}")).header());

    assertThat(known.find("Aa")).isNull();
    assertThat(known.find("BB")).isNotNull();
  }

  @Test
  void longHeaders_areNotKept() throws Refusal {
    KnownHeaders known = new KnownHeaders();
    String longest = "a".repeat(512);
    known.keep(longest, CompactToken.parse(token("{}")).header());
    known.keep(longest + "a", CompactToken.parse(token("{}")).header());

    assertThat(known.find(longest)).isNotNull();
    assertThat(known.find(longest + "a")).isNull();
  }

  @Test
  void headerThatIsNotAllowed_isRefusedEachTime() {
    for (int i = 0; i < 3; i++) {
      assertRefused(token("{\"alg\":\"RS256\",\"crit\":[]}"), Reason.HEADER);
      assertRefused(token("{\"alg\":\"RS256\",\"alg\":\"ES256\"}"), Reason.MALFORMED);
    }
  }

  @Test
  void headerOfAProof_isRefusedInAToken_thoughItWasReadBefore() throws Refusal {
    String proof = token("{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\"}}");

    for (int i = 0; i < 2; i++) {
      assertThat(CompactToken.parseProof(proof).header().has("jwk")).isTrue();
      assertRefused(proof, Reason.HEADER);
    }
  }

  @Test
  void anotherSpellingOfAKnownHeader_isRefused() throws Refusal {
    String header = base64("{\"alg\":\"RS256\" }");
    assertThat(header.length() % 4).isNotZero();
    var unused = CompactToken.parse(header + "." + CLAIMS + ".AAAA");
    char last = header.charAt(header.length() - 1);

    String other = header.substring(0, header.length() - 1) + (char) (last + 1);

    assertThat(Base64.getUrlDecoder().decode(other))
        .isEqualTo(Base64.getUrlDecoder().decode(header));
    assertRefused(other + "." + CLAIMS + ".AAAA", Reason.MALFORMED);
  }

  private static void assertRefused(String token, Reason reason) {
    assertThatThrownBy(() -> CompactToken.parse(token))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private static String token(String header) {
    return base64(header) + "." + CLAIMS + ".AAAA";
  }

  private static String base64(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
