package dev.msk.security.fuzz;

import dev.msk.security.internal.LoginQuery;
import dev.msk.security.internal.RequestPath;
import dev.msk.security.internal.RequestUri;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Paths, the URIs of proofs, and queries of logins: nothing is thrown, and what is taken has one reading. */
public final class RequestTarget {

  private RequestTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    RequestPath.decoded(text).ifPresent(path -> requirePlain(text, path));
    Optional<String> uri = RequestUri.normalized(text);
    if (uri.isPresent() && !RequestUri.normalized(uri.get()).equals(uri)) {
      throw new AssertionError(
          text + " is " + uri + ", and then another: " + RequestUri.normalized(uri.get()));
    }
    if (LoginQuery.parse(text).containsKey(null)) {
      throw new AssertionError("a parameter without a name: " + text);
    }
  }

  static List<byte[]> seeds() {
    return Seeds.of(
        "/orders/1",
        "/orders/%C3%A9%20x",
        "/a/../b",
        "/a/%2e%2e/b",
        "/a%2fb",
        "https://shop.example:443/a%2Fb?c#d",
        "HTTP://[::1]:80",
        "https://user@shop.example/%7e%zz",
        "state=a&iss=https%3A%2F%2Fid.example&code=1&code=2");
  }

  private static void requirePlain(String raw, String path) {
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..") || segment.equals(".")) {
        throw new AssertionError(raw + " is " + path);
      }
    }
    if (!path.startsWith("/") || path.contains("//") || path.contains("\\")) {
      throw new AssertionError(raw + " is " + path);
    }
  }
}
