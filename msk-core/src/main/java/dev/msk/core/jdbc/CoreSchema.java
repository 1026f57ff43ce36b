package dev.msk.core.jdbc;

/** The tables of this module: leases. */
public final class CoreSchema {

  private static final SchemaScripts SCRIPTS =
      SchemaScripts.of("core", CoreSchema.class, "V001__lease.sql");

  private CoreSchema() {}

  /**
   * The scripts, for {@link SchemaInstaller} or Flyway.
   *
   * @return the scripts of module {@code core}
   */
  public static SchemaScripts scripts() {
    return SCRIPTS;
  }
}
