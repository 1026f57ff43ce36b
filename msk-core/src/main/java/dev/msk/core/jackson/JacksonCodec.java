package dev.msk.core.jackson;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.msk.core.Codec;
import dev.msk.core.CodecException;
import dev.msk.core.spi.OptionalDependency;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON through Jackson ({@code com.fasterxml.jackson.core:jackson-databind}, an optional dependency).
 *
 * <p>{@link #of()} reads and writes records and beans with Jackson's defaults, but ignores unknown fields, so that consumers
 * tolerate additions, and refuses anything after the end of the document. Thread-safe.
 */
public final class JacksonCodec implements Codec {

  private final ObjectMapper mapper;

  private JacksonCodec(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * A codec with a mapper of its own that ignores unknown fields.
   *
   * @return a codec
   * @throws dev.msk.core.MissingDependencyException if jackson-databind is not on the class path
   */
  public static JacksonCodec of() {
    OptionalDependency.of(
            JacksonCodec.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
        .require("JacksonCodec");
    return new JacksonCodec(Defaults.mapper());
  }

  /**
   * A codec on a mapper that is used as it is: tolerance of unknown fields is then that mapper's own setting.
   *
   * @param mapper must not be reconfigured afterwards
   * @return a codec
   */
  public static JacksonCodec of(ObjectMapper mapper) {
    return new JacksonCodec(requireNonNull(mapper, "mapper"));
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public byte[] encode(Object value) {
    requireNonNull(value, "value");
    try {
      return mapper.writeValueAsBytes(value);
    } catch (IOException e) {
      throw failure("encode", value.getClass(), e);
    }
  }

  @Override
  public <T> T decode(byte[] data, Class<T> type) {
    @Nullable T value;
    try {
      value = mapper.readValue(data, type);
    } catch (IOException e) {
      throw failure("decode", type, e);
    }
    if (value == null) {
      throw failure("decode", type, new IOException("document: null (expected: a value)"));
    }
    return value;
  }

  /** Jackson's own message quotes the document; what may be secret stays in the cause. */
  private CodecException failure(String verb, Class<?> type, IOException cause) {
    String place = "";
    if (cause instanceof JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
    String message = "Could not " + verb + " " + type.getName() + " as " + contentType() + place;
    return new CodecException(message, contentType(), type.getName(), cause);
  }

  /** Loaded only once Jackson is known to be there. */
  private static final class Defaults {

    static ObjectMapper mapper() {
      return JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
    }
  }
}
