package dev.msk.core;

/**
 * Turns values into bytes and back, in one format.
 *
 * <p>Decoding tolerates what it does not know: a producer may add a field before its consumers have heard of it.
 * Implementations are thread-safe.
 */
public interface Codec {

  /**
   * The media type of the bytes.
   *
   * @return for example {@code application/json}
   */
  String contentType();

  /**
   * Encodes a value.
   *
   * @param value what to encode
   * @return its bytes, which are the caller's to keep
   * @throws CodecException if the value cannot be written in this format
   */
  byte[] encode(Object value);

  /**
   * Decodes bytes.
   *
   * @param data the bytes; not modified and not kept
   * @param type what to make of them
   * @param <T> the type of the value
   * @return the value, never null: a document that says null is an error
   * @throws CodecException if the bytes are not a value of this type
   */
  <T> T decode(byte[] data, Class<T> type);
}
