package dev.msk.security.internal;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Queries of logins. */
public final class LoginQuery {

  private static final int MAX_LENGTH = 8192;

  private LoginQuery() {}

  /**
   * Reads a query.
   *
   * @param query as it came, or null
   * @return its parameters; none if it cannot be read, and none of those that come twice
   */
  public static Map<String, String> parse(@Nullable String query) {
    Map<String, String> parameters = new HashMap<>();
    if (query == null || query.length() > MAX_LENGTH) {
      return parameters;
    }
    Set<String> twice = new HashSet<>();
    try {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
          String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
          if (parameters.put(name, value) != null) {
            twice.add(name);
          }
        }
      }
    } catch (IllegalArgumentException e) {
      return new HashMap<>();
    }
    parameters.keySet().removeAll(twice);
    return parameters;
  }

  /**
   * Adds parameters to an address.
   *
   * @param uri with or without a query
   * @param parameters not encoded yet
   * @return the address with them
   */
  public static URI append(URI uri, Map<String, String> parameters) {
    String query = parameters.entrySet().stream()
        .map(parameter -> parameter.getKey() + "="
            + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    return URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + query);
  }
}
