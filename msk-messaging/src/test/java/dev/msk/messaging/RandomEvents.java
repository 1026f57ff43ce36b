package dev.msk.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.random.RandomGenerator;

/** Legal events of every shape, from a seed: any characters, any optional attribute, any kind of data. */
public final class RandomEvents {

  private static final String[] CHARACTERS = {
    "a", "Z", "0", "-", " ", "\"", "\\", "/", "<", "é", "ß", "\u0700", "漢", "\uFFFD", "😀", "%"
  };
  private static final String[] JSON = {
    "null",
    "true",
    "-0.5e+10",
    "\"te\\u0041xt \\\\ \\\" é 😀\"",
    "[]",
    "{ \"id\" : \"4711\", \"lines\":[ {\"sku\":\"a\"},\n{\"sku\":\"b\", \"n\":12}] }",
    "[1, [2, [3, {}]], \"\u007f\"]"
  };

  private final RandomGenerator random;

  public RandomEvents(RandomGenerator random) {
    this.random = random;
  }

  public EventEnvelope next() {
    EventEnvelope.Builder event =
        EventEnvelope.builder(text(), "/source/" + random.nextInt(9), text());
    if (random.nextBoolean()) {
      event.subject(text());
    }
    if (random.nextBoolean()) {
      event.time("2026-11-23T10:15:30." + random.nextInt(1, 999_999_999) + "+01:00");
    }
    if (random.nextBoolean()) {
      event.dataSchema("https://schemas.example/a%20b?c=d#" + random.nextInt(9));
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      event.extension("ext" + i, text());
    }
    if (random.nextBoolean()) {
      event.extension(Extension.PARTITION_KEY, text());
    }
    data(event);
    return event.build();
  }

  private void data(EventEnvelope.Builder event) {
    switch (random.nextInt(5)) {
      case 0 -> event.data("application/json", JSON[random.nextInt(JSON.length)].getBytes(UTF_8));
      case 1 ->
        event.data("application/shop+json; v=1", JSON[random.nextInt(JSON.length)].getBytes(UTF_8));
      case 2 -> event.data("text/plain", (text() + "\n\t\u0001" + text()).getBytes(UTF_8));
      case 3 -> {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        event.data("application/octet-stream", bytes);
      }
      default -> {}
    }
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    boolean plain = random.nextBoolean();
    for (int i = random.nextInt(1, 20); i > 0; i--) {
      text.append(CHARACTERS[random.nextInt(plain ? 4 : CHARACTERS.length)]);
    }
    return text.toString();
  }
}
