package dev.msk.security.testing;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Opaque tokens that a {@link TestIdp} has given out, and what it says of them. Thread-safe. */
final class IssuedTokens {

  private final Map<String, Map<String, Object>> claims = new ConcurrentHashMap<>();

  String add(Map<String, Object> said) {
    String token = UUID.randomUUID().toString();
    claims.put(token, Map.copyOf(said));
    return token;
  }

  void remove(String token) {
    claims.remove(token);
  }

  /** The answer, as RFC 7662 has it. */
  Map<String, Object> introspect(String token, InstantSource clock) {
    Map<String, Object> said = claims.get(token);
    if (said == null
        || (said.get("exp") instanceof Number exp
            && clock.instant().getEpochSecond() >= exp.longValue())) {
      return Map.of("active", false);
    }
    Map<String, Object> answer = new LinkedHashMap<>(said);
    answer.put("active", true);
    answer.putIfAbsent("token_type", "Bearer");
    return answer;
  }
}
