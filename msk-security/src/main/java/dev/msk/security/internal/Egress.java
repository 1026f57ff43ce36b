package dev.msk.security.internal;

import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Where requests for keys may go: declared hosts and ports, by https; by plain http on this machine's loopback names only.
 * Immutable.
 */
public final class Egress {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> declared;

  private Egress(Set<String> declared) {
    this.declared = Set.copyOf(declared);
  }

  /**
   * Allows hosts.
   *
   * @param first of this URI
   * @param others {@code host} or {@code host:port}; the port is 443 if it is left out
   * @return what is allowed
   */
  public static Egress of(URI first, Set<String> others) {
    Set<String> declared = new HashSet<>();
    declared.add(authority(first));
    others.forEach(
        other -> declared.add(authority(URI.create("https://" + other.toLowerCase(Locale.ROOT)))));
    return new Egress(declared);
  }

  /**
   * Checks a URI.
   *
   * @param uri where a request is to go
   * @throws IllegalArgumentException if it must not
   */
  public void require(URI uri) {
    requireShape("uri", uri);
    if (!declared.contains(authority(uri))) {
      throw new IllegalArgumentException(
          "uri: host " + authority(uri) + " (expected: one of " + declared + ")");
    }
  }

  /**
   * Checks what needs no list.
   *
   * @param name of the URI, for the message
   * @param uri to check
   * @throws IllegalArgumentException if its scheme, host or user information is not acceptable
   */
  public static void requireShape(String name, URI uri) {
    String host = uri.getHost();
    boolean https = "https".equals(uri.getScheme());
    boolean local = "http".equals(uri.getScheme()) && host != null && LOOPBACK.contains(host);
    if (host == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null
        || !(https || local)) {
      throw new IllegalArgumentException(
          name + ": " + uri + " (expected: https://host/…, or http:// on localhost)");
    }
  }

  private static String authority(URI uri) {
    int port = uri.getPort() >= 0 ? uri.getPort() : "http".equals(uri.getScheme()) ? 80 : 443;
    return String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
  }
}
