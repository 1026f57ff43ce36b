package dev.msk.core.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A script as its statements, for databases that commit at each: they end with a semicolon outside of quotes and comments. Quotes
 * are {@code ' " `}, doubled within; comments are {@code --} to the end of the line and {@code /* … *}{@code /}. Bodies of procedures and
 * backslashes in texts are not for such scripts.
 */
final class ScriptStatements {

  private ScriptStatements() {}

  static List<String> of(String script) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    int at = 0;
    while (at < script.length()) {
      int end = endOfToken(script, at);
      if (script.charAt(at) == ';') {
        add(statement, statements);
      } else if (!isComment(script, at)) {
        statement.append(script, at, end);
      }
      at = end;
    }
    add(statement, statements);
    return statements;
  }

  private static void add(StringBuilder statement, List<String> statements) {
    String text = statement.toString().strip();
    if (!text.isEmpty()) {
      statements.add(text);
    }
    statement.setLength(0);
  }

  private static boolean isComment(String script, int at) {
    return script.startsWith("--", at) || script.startsWith("/*", at);
  }

  /** A text or a name in quotes, a comment, or one character. A doubled quote ends one text and begins another. */
  private static int endOfToken(String script, int at) {
    char first = script.charAt(at);
    if (first == '\'' || first == '"' || first == '`') {
      return after(script, String.valueOf(first), at + 1);
    }
    if (script.startsWith("--", at)) {
      return after(script, "\n", at) - (script.indexOf('\n', at) < 0 ? 0 : 1);
    }
    return script.startsWith("/*", at) ? after(script, "*/", at + 2) : at + 1;
  }

  private static int after(String script, String end, int from) {
    int found = script.indexOf(end, from);
    return found < 0 ? script.length() : found + end.length();
  }
}
