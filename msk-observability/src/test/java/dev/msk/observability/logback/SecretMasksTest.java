package dev.msk.observability.logback;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class SecretMasksTest {

  /** What the patterns are about, in parts, with what separates them from being found. */
  private static final List<String> PARTS = List.of(
      "authorization",
      "Bearer",
      "bEaReR",
      "password",
      "PASSWD",
      "pwd",
      "passPhrase",
      "secret",
      "Token",
      "api",
      "private",
      "key",
      "KEY",
      "_",
      "-",
      "cookie",
      "eyJ",
      "ey",
      "://",
      ":",
      "=",
      " ",
      "\t",
      "\n",
      "\"",
      "'",
      "@",
      "/",
      "user",
      "abcdefghij",
      "x",
      ",",
      "\u00e9",
      "credential");

  private static final Pattern SECRET_KEY = Pattern.compile(
      "(?i)authorization|passw|pwd|passphrase|secret|token|api[_-]?key|private[_-]?key|cookie|credential");

  private final SecretMasks masks = new SecretMasks();

  /** A text is let go only when no pattern finds anything: an added pattern, which finds nothing, has all of them asked. */
  @Test
  void textIsLetGo_onlyIfNoPatternFindsAnything() {
    SecretMasks asked = new SecretMasks();
    asked.add("[^\\s\\S]");
    int masked = 0;

    for (long seed = 0; seed < 200_000; seed++) {
      String text = text(new Random(seed), 8);
      String expected = asked.mask(text);
      assertThat(masks.mask(text)).as("seed " + seed).isEqualTo(expected);
      masked += expected.equals(text) ? 0 : 1;
    }

    assertThat(masked).isBetween(10_000, 190_000);
  }

  @Test
  void secretKey_isFoundAsByItsExpression() {
    for (long seed = 0; seed < 100_000; seed++) {
      String key = text(new Random(seed), 3);
      assertThat(SecretNames.isIn(key))
          .as("seed " + seed + ": " + key)
          .isEqualTo(SECRET_KEY.matcher(key).find());
    }
  }

  /** Otherwise each of them would cost five searches. */
  @Test
  void usualText_isLetGoWithoutAsking() {
    assertThat(List.of(
            "Order 4711 accepted: 3 pieces, ratio=0.5",
            "see https://shop.example/orders?id=1",
            "java.lang.IllegalStateException: no stock",
            "at dev.msk.shop.Orders.accept(Orders.java:42)",
            "mail to someone@shop.example: sent"))
        .noneMatch(masks::mayHoldSecret);
  }

  private static String text(Random random, int most) {
    return random
        .ints(1 + random.nextInt(most), 0, PARTS.size())
        .mapToObj(PARTS::get)
        .collect(Collectors.joining());
  }
}
