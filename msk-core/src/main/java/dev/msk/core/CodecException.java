package dev.msk.core;

/**
 * A value that could not be encoded, or bytes that could not be decoded. Trying again gives the same answer: park the bytes.
 */
public final class CodecException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The format. */
  private final String contentType;
  /** The class of the value. */
  private final String type;

  /**
   * Creates one.
   *
   * @param message what went wrong, with the place in the document if it is known
   * @param contentType the format
   * @param type the class of the value, by name
   * @param cause what the format's library said
   */
  public CodecException(String message, String contentType, String type, Throwable cause) {
    super(message, cause);
    this.contentType = contentType;
    this.type = type;
  }

  /**
   * The format.
   *
   * @return the codec's content type
   */
  public String contentType() {
    return contentType;
  }

  /**
   * The class of the value that was encoded or wanted.
   *
   * @return a class name
   */
  public String type() {
    return type;
  }
}
