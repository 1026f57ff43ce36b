package dev.msk.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.Base64Url;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.Sha256;
import dev.msk.security.internal.StrictJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * What the browser keeps, sealed, between the beginning of a login and its end.
 *
 * @param state ties the answer to this browser
 * @param nonce ties the ID token to this login
 * @param verifier ties the code to us (PKCE)
 * @param returnTo where the user wanted to go
 * @param endsAt until when the login must have come to its end
 */
record LoginFlow(String state, String nonce, String verifier, String returnTo, Instant endsAt) {

  static LoginFlow begin(SecureRandom random, String returnTo, Instant endsAt) {
    return new LoginFlow(text(random), text(random), text(random), local(returnTo), endsAt);
  }

  /** {@code code_challenge} by S256. */
  String challenge() {
    return Base64Url.encode(Sha256.digest(verifier.getBytes(StandardCharsets.US_ASCII)));
  }

  boolean hasState(String other) {
    return MessageDigest.isEqual(
        state.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  String json() {
    return StrictJson.write(JsonNodeFactory.instance
        .objectNode()
        .put("state", state)
        .put("nonce", nonce)
        .put("verifier", verifier)
        .put("return", returnTo)
        .put("end", endsAt.getEpochSecond()));
  }

  static Optional<LoginFlow> parse(String text) {
    return StrictJson.object(text.getBytes(StandardCharsets.UTF_8))
        .map(json -> new LoginFlow(
            CompactToken.text(json, "state").orElseThrow(),
            CompactToken.text(json, "nonce").orElseThrow(),
            CompactToken.text(json, "verifier").orElseThrow(),
            CompactToken.text(json, "return").orElse("/"),
            time(json)));
  }

  /** A path of this host, or its root: the user is sent nowhere else. */
  static String local(String path) {
    boolean fits = path.startsWith("/")
        && !path.startsWith("//")
        && path.length() <= 1024
        && path.indexOf('\\') < 0
        && path.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    return fits ? path : "/";
  }

  private static Instant time(ObjectNode json) {
    JsonNode value = json.get("end");
    return Instant.ofEpochSecond(value == null ? 0 : value.longValue());
  }

  private static String text(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64Url.encode(bytes);
  }
}
