package dev.msk.messaging.protobuf;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.MessageLite;
import dev.msk.core.Codec;
import dev.msk.core.CodecException;
import dev.msk.core.spi.OptionalDependency;
import java.io.IOException;

/**
 * Protobuf through protobuf-java ({@code com.google.protobuf:protobuf-java}, an optional dependency): values
 * are messages that protoc has generated.
 *
 * <p>Unknown fields are kept, so consumers tolerate additions. Thread-safe.
 */
public final class ProtobufCodec implements Codec {

  private ProtobufCodec() {}

  /**
   * A codec, which has no settings.
   *
   * @return a codec
   * @throws dev.msk.core.MissingDependencyException if protobuf-java is not on the class path
   */
  public static ProtobufCodec of() {
    OptionalDependency.of(ProtobufCodec.class, "protobuf", "com.google.protobuf.MessageLite")
        .require("ProtobufCodec");
    return new ProtobufCodec();
  }

  @Override
  public String contentType() {
    return "application/protobuf";
  }

  @Override
  public byte[] encode(Object value) {
    requireNonNull(value, "value");
    try {
      return Messages.encode(value);
    } catch (IllegalArgumentException e) {
      throw failure("encode", value.getClass(), e);
    }
  }

  @Override
  public <T> T decode(byte[] data, Class<T> type) {
    try {
      return type.cast(Messages.decode(data, type));
    } catch (IOException | IllegalArgumentException e) {
      throw failure("decode", type, e);
    }
  }

  private CodecException failure(String verb, Class<?> type, Exception cause) {
    String message = "Could not " + verb + " " + type.getName() + " as " + contentType();
    return new CodecException(message, contentType(), type.getName(), cause);
  }

  /** Loaded only once protobuf-java is known to be there. */
  private static final class Messages {

    private static final ClassValue<MessageLite> DEFAULTS = new ClassValue<>() {
      @Override
      protected MessageLite computeValue(Class<?> type) {
        try {
          return (MessageLite) type.getMethod("getDefaultInstance").invoke(null);
        } catch (ReflectiveOperationException | ClassCastException e) {
          throw new IllegalArgumentException(
              "type: " + type.getName() + " (expected: a class that protoc has generated)", e);
        }
      }
    };

    static byte[] encode(Object value) {
      if (!(value instanceof MessageLite message)) {
        throw new IllegalArgumentException("value: no Protobuf message (expected: one)");
      }
      if (!message.isInitialized()) {
        throw new IllegalArgumentException("value: a required field is missing (expected: all)");
      }
      return message.toByteArray();
    }

    static Object decode(byte[] data, Class<?> type) throws IOException {
      return DEFAULTS.get(type).getParserForType().parseFrom(data);
    }
  }
}
