package dev.msk.observability.logback;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times in UTC to the millisecond. Lines of one second share its text, which is made once. Thread-safe. */
final class LineTime {

  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

  private volatile Second last = Second.of(0);

  void write(LineBuffer line, long epochMillis) {
    long number = Math.floorDiv(epochMillis, 1000);
    Second second = last;
    if (second.number != number) {
      second = Second.of(number);
      last = second;
    }
    line.raw(second.text).threeDigits(Math.floorMod(epochMillis, 1000)).raw('Z');
  }

  private static final class Second {

    private final long number;
    private final byte[] text;

    private Second(long number, byte[] text) {
      this.number = number;
      this.text = text;
    }

    private static Second of(long number) {
      String text = SECOND.format(Instant.ofEpochSecond(number));
      return new Second(number, text.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
