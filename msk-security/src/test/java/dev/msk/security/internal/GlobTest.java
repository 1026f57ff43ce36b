package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GlobTest {

  /** Regular expressions are slow for some patterns, and not for such short ones. */
  @Test
  void shortPatterns_matchWhatTheSameExpressionMatches() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      String pattern = text(random, "ab/*");
      String text = text(random, "ab/");
      Pattern expression = Pattern.compile(
          pattern.replace("**", "\u0001").replace("*", "[^/]*").replace("\u0001", ".*"));

      assertThat(Glob.of(pattern).matches(text))
          .as(pattern + " and " + text)
          .isEqualTo(expression.matcher(text).matches());
    }
  }

  @Test
  void patternWithoutWildcards_isTheTextItself() {
    Glob glob = Glob.of("POST /orders");

    assertThat(glob.matches("POST /orders")).isTrue();
    assertThat(glob.matches("POST /orders/")).isFalse();
    assertThat(glob.matches("POST /order")).isFalse();
    assertThat(glob.matches("")).isFalse();
  }

  private static String text(Random random, String alphabet) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(7); length > 0; length--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
