package dev.msk.core;

/**
 * A feature was used whose library is not on the class path. The message and {@link #coordinates()} say what to add.
 */
public final class MissingDependencyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The missing library. */
  private final String coordinates;

  /**
   * Creates one.
   *
   * @param feature what was used, for example {@code Kafka transport}
   * @param coordinates the library as Maven names it, {@code groupId:artifactId:version}
   * @param cause why its class could not be loaded
   */
  public MissingDependencyException(String feature, String coordinates, Throwable cause) {
    super(
        feature + " needs " + coordinates + " on the class path; add it to your dependencies",
        cause);
    this.coordinates = coordinates;
  }

  /**
   * The missing library.
   *
   * @return {@code groupId:artifactId:version}
   */
  public String coordinates() {
    return coordinates;
  }
}
