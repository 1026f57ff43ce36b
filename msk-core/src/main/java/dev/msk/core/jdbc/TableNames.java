package dev.msk.core.jdbc;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where our tables are: in which schema, with which prefix. By default in the connection's own schema (on PostgreSQL its
 * {@code search_path}; on MySQL and MariaDB a schema is a database), with prefix {@code msk_}. Immutable.
 */
public final class TableNames {

  /** The prefix of a service that has not chosen one. */
  public static final String DEFAULT_PREFIX = "msk_";

  private static final TableNames DEFAULT = new TableNames(null, DEFAULT_PREFIX);
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]*");
  private static final int MAX_IDENTIFIER_LENGTH = 63;
  private static final int MAX_PREFIX_LENGTH = 20;
  private static final int MAX_TABLE_LENGTH = 40;

  private final @Nullable String schema;
  private final String prefix;

  private TableNames(@Nullable String schema, String prefix) {
    this.schema = schema;
    this.prefix = prefix;
  }

  /**
   * The connection's own schema, prefix {@code msk_}.
   *
   * @return the default names
   */
  public static TableNames defaults() {
    return DEFAULT;
  }

  /**
   * The same prefix in a schema.
   *
   * @param schema 1 to 63 lower-case letters, digits and underscores, no digit first
   * @return other names
   * @throws IllegalArgumentException if the schema has another form
   */
  public TableNames schema(String schema) {
    return new TableNames(identifier("schema", schema, MAX_IDENTIFIER_LENGTH), prefix);
  }

  /**
   * The same schema with another prefix.
   *
   * @param prefix 1 to 20 lower-case letters, digits and underscores, no digit first
   * @return other names
   * @throws IllegalArgumentException if the prefix has another form
   */
  public TableNames prefix(String prefix) {
    return new TableNames(schema, identifier("prefix", prefix, MAX_PREFIX_LENGTH));
  }

  /**
   * The schema.
   *
   * @return the schema, empty for the connection's own
   */
  public Optional<String> schema() {
    return Optional.ofNullable(schema);
  }

  /**
   * The prefix.
   *
   * @return the prefix of every table
   */
  public String prefix() {
    return prefix;
  }

  /**
   * A table or sequence as standard SQL names it: PostgreSQL, H2.
   *
   * @param name without prefix, 1 to 40 lower-case letters, digits and underscores, no digit first
   * @return the quoted name, with its schema if there is one, for example {@code "shop"."msk_outbox"}
   * @throws IllegalArgumentException if the name has another form
   */
  public String table(String name) {
    return tableIn(Dialect.POSTGRESQL, name);
  }

  /**
   * A table or sequence as the SQL of a database names it.
   *
   * @param dialect the database
   * @param name without prefix, 1 to 40 lower-case letters, digits and underscores, no digit first
   * @return the quoted name, with its schema if there is one, for example <code>`shop`.`msk_outbox`</code> for MySQL
   * @throws IllegalArgumentException if the name has another form
   */
  public String tableIn(Dialect dialect, String name) {
    String table = dialect.quote(prefix + identifier("name", name, MAX_TABLE_LENGTH));
    return schema == null ? table : dialect.quote(schema) + '.' + table;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TableNames that
        && prefix.equals(that.prefix)
        && schema().equals(that.schema());
  }

  @Override
  public int hashCode() {
    return 31 * schema().hashCode() + prefix.hashCode();
  }

  @Override
  public String toString() {
    return "TableNames[schema=" + schema + ", prefix=" + prefix + "]";
  }

  private static String identifier(String what, String value, int max) {
    requireNonNull(value, what);
    if (value.length() > max || !IDENTIFIER.matcher(value).matches()) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: 1 to " + max
          + " lower-case letters, digits and underscores, no digit first)");
    }
    return value;
  }
}
