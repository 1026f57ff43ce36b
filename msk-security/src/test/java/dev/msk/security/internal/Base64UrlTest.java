package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base64UrlTest {

  private static final List<String> CHARACTERS =
      List.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n\u00e9\u0141"
          .split(""));

  @Test
  void everyShortText_isTakenOnlyIfItIsWhatTheBytesAreSpelledLike() {
    for (String a : CHARACTERS) {
      requireCanonical(a);
      for (String b : CHARACTERS) {
        requireCanonical(a + b);
        for (String c : CHARACTERS) {
          requireCanonical(a + b + c);
          requireCanonical("AB" + a + b + c);
        }
      }
    }
  }

  @Test
  void bytes_comeBack() {
    Random random = new Random(7);
    for (int length = 0; length < 300; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);

      assertThat(Base64Url.decode(Base64Url.encode(bytes))).hasValue(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"AA==", "AAA=", "AAAA====", "AAAAA", "AB", "AAB", "A A", "AAAA\n", "AA.A"})
  void otherSpelling_isRefused(String text) {
    assertThat(Base64Url.decode(text)).isEmpty();
  }

  /** As slowly as can be: what is decoded must be spelled as it came. */
  private static void requireCanonical(String text) {
    Optional<byte[]> slowly;
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
      slowly = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)
          ? Optional.of(bytes)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      slowly = Optional.empty();
    }
    Optional<byte[]> decoded = Base64Url.decode(text);
    assertThat(decoded.isPresent()).as(text).isEqualTo(slowly.isPresent());
    slowly.ifPresent(bytes -> assertThat(decoded).hasValue(bytes));
  }
}
