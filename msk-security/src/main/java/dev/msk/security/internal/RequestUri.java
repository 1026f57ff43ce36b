package dev.msk.security.internal;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URI of a request without query and fragment, in one spelling: scheme and host in lower case, no default port, no empty
 * path, percent-encoding in capitals and only where it is needed. Paths with dots or empty segments stay as they are.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2">RFC 3986, sections 6.2.2 and 6.2.3</a>
 */
public final class RequestUri {

  private static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})");

  private RequestUri() {}

  /**
   * Spells a URI.
   *
   * @param text of the URI
   * @return empty unless it is absolute, of http or https, with a host and without user information
   */
  public static Optional<String> normalized(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    boolean isWeb = scheme.equals("http") || scheme.equals("https");
    if (!isWeb || uri.getHost() == null || uri.getRawUserInfo() != null) {
      return Optional.empty();
    }
    int usual = scheme.equals("http") ? 80 : 443;
    String port = uri.getPort() < 0 || uri.getPort() == usual ? "" : ":" + uri.getPort();
    String path = uri.getRawPath().isEmpty() ? "/" : decoded(uri.getRawPath());
    return Optional.of(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path);
  }

  /**
   * The URI of a request, as it came.
   *
   * @param origin scheme and host
   * @param path not decoded, without the query; browsers and others send characters in it that no URI has
   * @return empty if that is no URI
   */
  public static Optional<URI> of(URI origin, String path) {
    try {
      return Optional.of(new URI(origin + path));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static String decoded(String path) {
    return ENCODED.matcher(path).replaceAll(found -> {
      char plain = (char) Integer.parseInt(found.group(1), 16);
      return Matcher.quoteReplacement(
          isUnreserved(plain) ? String.valueOf(plain) : found.group().toUpperCase(Locale.ROOT));
    });
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }
}
