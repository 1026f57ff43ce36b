package dev.msk.observability.logback;

/**
 * The words by which a value is known to be secret, found without a regular expression: most texts hold none, and are to be let go
 * soon. Capitals are as good as small letters.
 */
final class SecretNames {

  private SecretNames() {}

  /** Whether a key is called like a secret. */
  static boolean isIn(String key) {
    for (int i = 0; i < key.length(); i++) {
      if (beginsAt(key, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean beginsAt(String key, int at) {
    return switch (key.charAt(at)) {
      case 'a', 'A' -> begins(key, at, "authorization") || beginsKey(key, at, "api");
      case 'c', 'C' -> begins(key, at, "cookie") || begins(key, at, "credential");
      case 'p', 'P' ->
        begins(key, at, "passw")
            || begins(key, at, "pwd")
            || begins(key, at, "passphrase")
            || beginsKey(key, at, "private");
      case 's', 'S' -> begins(key, at, "secret");
      case 't', 'T' -> begins(key, at, "token");
      default -> false;
    };
  }

  /** Whether such a name, perhaps with a quote behind it, stands before the place where a value is assigned. */
  static boolean endsBefore(String text, int place) {
    int end = place;
    while (end > 0 && text.charAt(end - 1) <= ' ') {
      end--;
    }
    if (end > 0 && (text.charAt(end - 1) == '"' || text.charAt(end - 1) == '\'')) {
      end--;
    }
    return end > 0 && endsAt(text, end);
  }

  private static boolean endsAt(String text, int end) {
    return switch (text.charAt(end - 1)) {
      case 'n', 'N' -> ends(text, end, "authorization") || ends(text, end, "token");
      case 'd', 'D' ->
        ends(text, end, "password") || ends(text, end, "passwd") || ends(text, end, "pwd");
      case 'e', 'E' -> ends(text, end, "passphrase") || ends(text, end, "cookie");
      case 't', 'T' -> ends(text, end, "secret");
      case 'y', 'Y' -> ends(text, end, "key") && endsKind(text, end - "key".length());
      default -> false;
    };
  }

  private static boolean endsKind(String text, int end) {
    int kind = end > 0 && isJoint(text.charAt(end - 1)) ? end - 1 : end;
    return ends(text, kind, "api") || ends(text, kind, "private");
  }

  private static boolean beginsKey(String key, int at, String kind) {
    if (!begins(key, at, kind)) {
      return false;
    }
    int end = at + kind.length();
    return begins(key, end < key.length() && isJoint(key.charAt(end)) ? end + 1 : end, "key");
  }

  private static boolean isJoint(char c) {
    return c == '_' || c == '-';
  }

  private static boolean begins(String text, int at, String word) {
    return text.regionMatches(true, at, word, 0, word.length());
  }

  private static boolean ends(String text, int end, String word) {
    return text.regionMatches(true, end - word.length(), word, 0, word.length());
  }
}
