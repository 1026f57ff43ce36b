package dev.msk.messaging.internal;

import dev.msk.messaging.InvalidEventException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;

/**
 * Timestamps of RFC 3339, {@code 2026-11-23T10:15:30.123456Z}, checked where they stand: a parser that
 * makes objects costs more than all the rest of reading an event.
 *
 * <p>Narrower than the RFC where Java's time is: no leap second, offsets up to 18 hours.
 */
public final class Timestamps {

  private static final int SECOND_END = 19;
  private static final int MAX_OFFSET_HOURS = 18;

  private Timestamps() {}

  static void require(String name, String text) {
    if (!isTimestamp(text)) {
      throw new InvalidEventException(name, text, "an RFC 3339 timestamp");
    }
  }

  /** Parses what has been checked; digits of a second beyond the ninth are cut off. */
  public static OffsetDateTime parse(String text) {
    int zone = fractionEnd(text);
    int nanos = 0;
    for (int i = SECOND_END + 1, digits = 0; digits < 9; i++, digits++) {
      nanos = nanos * 10 + (i < zone ? text.charAt(i) - '0' : 0);
    }
    LocalDate date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
    LocalTime time =
        LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, 19), nanos);
    return OffsetDateTime.of(date, time, zone(text, zone));
  }

  private static ZoneOffset zone(String text, int at) {
    if (text.length() == at + 1) {
      return ZoneOffset.UTC;
    }
    int sign = text.charAt(at) == '-' ? -1 : 1;
    return ZoneOffset.ofHoursMinutes(
        sign * number(text, at + 1, at + 3), sign * number(text, at + 4, at + 6));
  }

  private static boolean isTimestamp(String text) {
    if (text.length() <= SECOND_END
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (text.charAt(10) | 0x20) != 't'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return false;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    return year >= 0
        && month >= 1
        && month <= 12
        && day >= 1
        && day <= daysOf(year, month)
        && hour >= 0
        && hour <= 23
        && minute >= 0
        && minute <= 59
        && second >= 0
        && second <= 59
        && isZone(text, fractionEnd(text));
  }

  private static int daysOf(int year, int month) {
    if (month == 2) {
      return IsoChronology.INSTANCE.isLeapYear(year) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  /** Where the zone begins; -1 when a point is followed by no digit. */
  private static int fractionEnd(String text) {
    if (text.charAt(SECOND_END) != '.') {
      return SECOND_END;
    }
    int i = SECOND_END + 1;
    while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      i++;
    }
    return i == SECOND_END + 1 ? -1 : i;
  }

  private static boolean isZone(String text, int at) {
    if (at < 0 || at >= text.length()) {
      return false;
    }
    char c = text.charAt(at);
    if ((c | 0x20) == 'z') {
      return text.length() == at + 1;
    }
    if ((c != '+' && c != '-') || text.length() != at + 6 || text.charAt(at + 3) != ':') {
      return false;
    }
    int hours = number(text, at + 1, at + 3);
    int minutes = number(text, at + 4, at + 6);
    return hours >= 0
        && minutes >= 0
        && minutes <= 59
        && hours * 60 + minutes <= MAX_OFFSET_HOURS * 60;
  }

  /** The digits as a number, negative when one of them is none. */
  private static int number(String text, int from, int to) {
    int number = 0;
    int illegal = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      illegal |= digit | (9 - digit);
      number = number * 10 + digit;
    }
    return illegal < 0 ? -1 : number;
  }
}
