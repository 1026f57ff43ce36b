package dev.msk.core.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.ScriptFiles;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The numbered SQL scripts of one module, in the class path folder {@code META-INF/msk/schema/<module>/<dialect>}.
 *
 * <p>A script is named as Flyway names it, {@code V001__lease.sql}, and uses two placeholders in Flyway's syntax,
 * <code>&#36;{schema}</code> and <code>&#36;{prefix}</code>, so that Flyway runs the same files. Scripts only ever add: a
 * released script is never changed, and none destroys anything.
 *
 * <p>MySQL and MariaDB share the folder {@code mysql}. There and in {@code h2} a script is run statement by statement: they end with a
 * semicolon outside of quotes and comments, a quote within quotes is doubled, and there are no bodies of procedures. Each
 * either defines something, which fails if it is there, or writes rows. Immutable.
 */
public final class SchemaScripts {

  /**
   * One script, placeholders not yet replaced.
   *
   * @param version its number
   * @param description the words of its file name
   * @param sql its text
   * @param checksum the SHA-256 of its text, line ends as LF, in hexadecimal digits
   */
  public record Script(int version, String description, String sql, String checksum) {}

  private static final Pattern MODULE = Pattern.compile("[a-z][a-z0-9-]{0,49}");

  private final String module;
  private final Class<?> anchor;
  private final List<String> files;

  private SchemaScripts(String module, Class<?> anchor, List<String> files) {
    this.module = module;
    this.anchor = anchor;
    this.files = files;
  }

  /**
   * The scripts of a module.
   *
   * @param module its name, for example {@code messaging}: 1 to 50 lower-case letters, digits and dashes
   * @param anchor a class of the module, whose class loader finds the scripts
   * @param files the names of all its scripts, the same for every dialect, numbered from 1 without a gap
   * @return the scripts
   * @throws IllegalArgumentException if the module or a file name has another form, or a number is missing
   */
  public static SchemaScripts of(String module, Class<?> anchor, String... files) {
    if (!MODULE.matcher(module).matches()) {
      throw new IllegalArgumentException(
          "module: " + module + " (expected: 1 to 50 lower-case letters, digits and dashes)");
    }
    List<String> names = List.of(files);
    ScriptFiles.check(names);
    return new SchemaScripts(module, requireNonNull(anchor, "anchor"), names);
  }

  /**
   * The module.
   *
   * @return its name in the history table
   */
  public String module() {
    return module;
  }

  /**
   * The folder of a dialect's scripts, for Flyway: put {@code classpath:} before it.
   *
   * @param dialect the database
   * @return for example {@code META-INF/msk/schema/core/postgresql}
   */
  public String location(Dialect dialect) {
    return "META-INF/msk/schema/" + module + "/" + dialect.folder();
  }

  /**
   * The newest version that this code knows.
   *
   * @return the number of the last script
   */
  public int version() {
    return files.size();
  }

  /**
   * Reads the scripts of a dialect.
   *
   * @param dialect the database
   * @return the scripts, in their order
   * @throws IllegalStateException if a script is not on the class path; the message names the dialects that the module has
   */
  public List<Script> read(Dialect dialect) {
    List<Dialect> there = Arrays.stream(Dialect.values()).filter(this::has).toList();
    if (!there.isEmpty() && !there.contains(dialect)) {
      throw new IllegalStateException("dialect: " + dialect + " (expected: one of " + there
          + ", for which module " + module + " has scripts)");
    }
    return files.stream()
        .map(file -> ScriptFiles.read(anchor.getClassLoader(), location(dialect), file))
        .toList();
  }

  private boolean has(Dialect dialect) {
    return !files.isEmpty()
        && anchor.getClassLoader().getResource(location(dialect) + '/' + files.get(0)) != null;
  }
}
