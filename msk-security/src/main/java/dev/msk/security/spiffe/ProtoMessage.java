package dev.msk.security.spiffe;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of a protobuf message that are bytes, strings or messages, in their order; those of other types are passed
 * over. The Workload API has no more than that.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Encoding</a>
 */
final class ProtoMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int MAX_VARINT_BITS = 64;

  private final List<Field> fields;

  private ProtoMessage(List<Field> fields) {
    this.fields = fields;
  }

  static ProtoMessage parse(byte[] encoded) throws GeneralSecurityException {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      long number = tag >>> 3;
      if (number < 1 || number > 0x1fff_ffff) {
        throw malformed(in, "field number " + number);
      }
      switch ((int) (tag & 7)) {
        case VARINT -> varint(in);
        case FIXED_64 -> skip(in, Long.BYTES);
        case FIXED_32 -> skip(in, Integer.BYTES);
        case LENGTH -> fields.add(new Field((int) number, bytes(in)));
        default -> throw malformed(in, "wire type " + (tag & 7));
      }
    }
    return new ProtoMessage(fields);
  }

  /** All values of a repeated field. */
  List<byte[]> all(int number) {
    return fields.stream()
        .filter(field -> field.number == number)
        .map(Field::value)
        .toList();
  }

  /** The value of a field, the last one if it occurs again, empty if it is absent. */
  byte[] bytes(int number) {
    List<byte[]> values = all(number);
    return values.isEmpty() ? new byte[0] : values.get(values.size() - 1);
  }

  String text(int number) throws GeneralSecurityException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(number)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new GeneralSecurityException("field " + number + ": not UTF-8", e);
    }
  }

  private static byte[] bytes(ByteBuffer in) throws GeneralSecurityException {
    long length = varint(in);
    if (length < 0 || length > in.remaining()) {
      throw malformed(in, "length " + Long.toUnsignedString(length));
    }
    byte[] value = new byte[(int) length];
    in.get(value);
    return value;
  }

  private static void skip(ByteBuffer in, int length) throws GeneralSecurityException {
    if (length > in.remaining()) {
      throw malformed(in, "length " + length);
    }
    in.position(in.position() + length);
  }

  private static long varint(ByteBuffer in) throws GeneralSecurityException {
    long value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      if (!in.hasRemaining()) {
        throw malformed(in, "end");
      }
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed(in, "number of more than 64 bits");
  }

  private static GeneralSecurityException malformed(ByteBuffer in, String what) {
    return new GeneralSecurityException(
        "answer: " + what + " at byte " + in.position() + " (expected: a protobuf message)");
  }

  private record Field(int number, byte[] value) {}
}
