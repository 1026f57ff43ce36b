package dev.msk.core.jdbc;

/**
 * The tables of a module in the database are not the ones that the code knows. Nothing was changed.
 */
public final class SchemaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Reason {
    /** A newer version of the module has been here: deploy that version, or tolerate it knowingly. */
    NEWER_THAN_CODE,
    /** A script was installed with another text: compare it with the one of the version that installed it. */
    CHANGED_SCRIPT
  }

  /** What is wrong. */
  private final Reason reason;
  /** Whose tables. */
  private final String module;
  /** At fault. */
  private final int databaseVersion;
  /** Newest known. */
  private final int codeVersion;

  /**
   * Creates one.
   *
   * @param reason what is wrong
   * @param message both versions, and what to do
   * @param module whose tables
   * @param databaseVersion the version in the database that is at fault
   * @param codeVersion the newest version that the code knows
   */
  public SchemaException(
      Reason reason, String message, String module, int databaseVersion, int codeVersion) {
    super(message);
    this.reason = reason;
    this.module = module;
    this.databaseVersion = databaseVersion;
    this.codeVersion = codeVersion;
  }

  /**
   * What is wrong.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Whose tables.
   *
   * @return the module's name
   */
  public String module() {
    return module;
  }

  /**
   * The version in the database that is at fault.
   *
   * @return a script's number
   */
  public int databaseVersion() {
    return databaseVersion;
  }

  /**
   * The newest version that the code knows.
   *
   * @return a script's number
   */
  public int codeVersion() {
    return codeVersion;
  }
}
