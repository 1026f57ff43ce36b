package dev.msk.security.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The few forms of DER that certificates, and requests for them, are written in. It only writes.
 *
 * @see <a href="https://www.itu.int/rec/T-REC-X.690">ITU-T X.690</a>
 */
public final class Der {

  private static final DateTimeFormatter GENERALIZED =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

  private Der() {}

  /**
   * Any type.
   *
   * @param tag of the type
   * @param contents one after the other
   * @return its encoding
   */
  public static byte[] tagged(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length >= 0x80) {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int leadingZero = digits[0] == 0 ? 1 : 0;
      out.write(0x80 | (digits.length - leadingZero));
      out.write(digits, leadingZero, digits.length - leadingZero);
    } else {
      out.write(length);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  /**
   * A sequence.
   *
   * @param contents its members
   * @return its encoding
   */
  public static byte[] sequence(byte[]... contents) {
    return tagged(0x30, contents);
  }

  /**
   * A set.
   *
   * @param contents its members
   * @return its encoding
   */
  public static byte[] set(byte[]... contents) {
    return tagged(0x31, contents);
  }

  /**
   * An integer.
   *
   * @param value of any size
   * @return its encoding
   */
  public static byte[] integer(BigInteger value) {
    return tagged(0x02, value.toByteArray());
  }

  /**
   * The boolean that is true.
   *
   * @return its encoding
   */
  public static byte[] yes() {
    return tagged(0x01, new byte[] {(byte) 0xff});
  }

  /**
   * An octet string.
   *
   * @param value its bytes
   * @return its encoding
   */
  public static byte[] octets(byte[] value) {
    return tagged(0x04, value);
  }

  /**
   * A bit string.
   *
   * @param unused how many bits of the last byte count for nothing
   * @param value its bytes
   * @return its encoding
   */
  public static byte[] bits(int unused, byte... value) {
    return tagged(0x03, new byte[] {(byte) unused}, value);
  }

  /**
   * A UTF-8 string.
   *
   * @param value its text
   * @return its encoding
   */
  public static byte[] text(String value) {
    return tagged(0x0c, value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A point in time.
   *
   * @param value to the second
   * @return its encoding
   */
  public static byte[] time(Instant value) {
    return value.isBefore(YEAR_2050)
        ? tagged(0x17, UTC.format(value).getBytes(StandardCharsets.US_ASCII))
        : tagged(0x18, GENERALIZED.format(value).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * An object identifier.
   *
   * @param arcs at least two
   * @return its encoding
   */
  public static byte[] oid(int... arcs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(arcs[0] * 40 + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arcs[i] >>> shift != 0) {
          out.write(0x80 | ((arcs[i] >>> shift) & 0x7f));
        }
      }
      out.write(arcs[i] & 0x7f);
    }
    return tagged(0x06, out.toByteArray());
  }
}
