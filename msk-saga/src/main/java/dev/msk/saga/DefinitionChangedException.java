package dev.msk.saga;

/** A version of a definition was registered before with other steps: sagas of it may run. Give the changed one a new version. */
public final class DefinitionChangedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Of the definition. */
  private final String definition;
  /** Of the definition. */
  private final int version;

  /**
   * Creates one.
   *
   * @param definition its name
   * @param version its version
   * @param fingerprint of its steps
   * @param registered the fingerprint that the database has
   */
  public DefinitionChangedException(
      String definition, int version, String fingerprint, String registered) {
    super("saga " + definition + " v" + version + ": fingerprint " + fingerprint + " (expected: "
        + registered + ", registered before; give the changed definition a new version)");
    this.definition = definition;
    this.version = version;
  }

  /**
   * Which definition.
   *
   * @return its name
   */
  public String definition() {
    return definition;
  }

  /**
   * Which version of it.
   *
   * @return its version
   */
  public int version() {
    return version;
  }
}
