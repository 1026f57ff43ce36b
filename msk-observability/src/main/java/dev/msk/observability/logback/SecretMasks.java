package dev.msk.observability.logback;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is taken out of log lines: every capturing group of a pattern's match, or the whole match if it has none. Patterns must
 * not backtrack without bound; those here read a text once. Confined to one thread until it is used, then immutable.
 */
final class SecretMasks {

  static final String MASK = "***";

  private static final String VALUE =
      "(?:\"([^\"\\\\]{1,512}+(?:\\\\.[^\"\\\\]{0,512}+){0,16})|'([^']{1,512}+)|([^\\s\"',;&)}\\]]{1,4096}+))";

  private static final List<String> DEFAULTS = List.of(
      "(?i)authorization[\"']?\\s{0,8}[:=]\\s{0,8}[\"']?((?:bearer|basic|digest|dpop)\\s{1,8}[^\\s\"',;]{1,8192}+|[^\\s\"',;]{1,8192}+)",
      "(?i)bearer\\s{1,8}([a-z0-9._~+/=-]{8,8192}+)",
      "(?i)(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|private[_-]?key|cookie)[\"']?\\s{0,8}[:=]\\s{0,8}"
          + VALUE,
      "(eyJ[A-Za-z0-9_-]{8,8192}+(?:\\.[A-Za-z0-9_-]{0,8192}+){0,4})",
      "://[^\\s/:@]{0,64}:([^\\s/@]{1,256}+)@");

  private final List<Pattern> patterns = new ArrayList<>();
  private boolean onlyDefaults = true;

  SecretMasks() {
    DEFAULTS.forEach(regex -> patterns.add(Pattern.compile(regex)));
  }

  void add(String regex) {
    patterns.add(Pattern.compile(regex));
    onlyDefaults = false;
  }

  /** Takes the secrets out of a text. */
  String mask(String text) {
    if (!mayHoldSecret(text)) {
      return text;
    }
    String masked = text;
    for (Pattern pattern : patterns) {
      masked = mask(pattern, masked);
    }
    return masked;
  }

  /** Takes out the value of a key that is called like a secret, and the secrets in any other. */
  String mask(String key, String value) {
    return SecretNames.isIn(key) ? MASK : mask(value);
  }

  /** Whether the patterns have to be asked: nothing that the default ones find is without what is looked for here. */
  boolean mayHoldSecret(String text) {
    return !onlyDefaults
        || assignsSecret(text, ':')
        || assignsSecret(text, '=')
        || holdsWord(text, 'b', "bearer")
        || holdsWord(text, 'B', "bearer")
        || (text.indexOf('J') >= 0 && text.contains("eyJ"))
        || holdsUser(text);
  }

  /** Whether it holds a word, in capitals or not, that begins with a letter. */
  private static boolean holdsWord(String text, char first, String word) {
    for (int at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
      if (text.regionMatches(true, at, word, 0, word.length())) {
        return true;
      }
    }
    return false;
  }

  private static boolean assignsSecret(String text, char sign) {
    for (int at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
      if (SecretNames.endsBefore(text, at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it may hold a URL with a user. */
  private static boolean holdsUser(String text) {
    return text.indexOf('@') >= 0 && text.contains("://");
  }

  private static String mask(Pattern pattern, String text) {
    Matcher match = pattern.matcher(text);
    if (!match.find()) {
      return text;
    }
    StringBuilder masked = new StringBuilder(text.length());
    int copied = 0;
    do {
      for (int group = match.groupCount() == 0 ? 0 : 1; group <= match.groupCount(); group++) {
        if (match.start(group) >= copied) {
          masked.append(text, copied, match.start(group)).append(MASK);
          copied = match.end(group);
        }
      }
    } while (match.find());
    return masked.append(text, copied, text.length()).toString();
  }
}
