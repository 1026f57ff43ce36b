package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.TokenRequestException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a token endpoint for what a user's login gives. Thread-safe.
 *
 * @param post sends
 */
public record CodeGrant(FormPost post) {

  private static final long MAX_LIFE_SECONDS = Duration.ofDays(1).toSeconds();

  /**
   * Asks.
   *
   * @param form of the request
   * @param headers of the request
   * @return what was granted; fails with a {@link TokenRequestException}
   */
  public CompletableFuture<Granted> ask(Map<String, String> form, Map<String, String> headers) {
    return post.send(form, headers).handle((answer, failure) -> {
      if (answer == null) {
        throw new TokenRequestException(post.uri(), null, "no answer, " + failure, failure);
      }
      return granted(answer);
    });
  }

  private Granted granted(HttpResponse<byte[]> answer) {
    Optional<ObjectNode> json = StrictJson.object(answer.body());
    if (answer.statusCode() != 200 || json.isEmpty()) {
      String error = json.flatMap(object -> CompactToken.text(object, "error"))
          .filter(text -> text.matches("[\\x20-\\x7e]{1,64}"))
          .orElse(null);
      throw new TokenRequestException(
          post.uri(), error, "status " + answer.statusCode() + ", " + error, null);
    }
    ObjectNode object = json.get();
    String type = CompactToken.text(object, "token_type").orElse("");
    Optional<String> access = text(object, "access_token");
    JsonNode life = object.get("expires_in");
    if (access.isEmpty()
        || !type.equalsIgnoreCase("Bearer")
        || life == null
        || !life.canConvertToLong()
        || life.longValue() <= 0) {
      throw new TokenRequestException(
          post.uri(),
          null,
          "answer: not understood (expected: access_token, token_type Bearer, expires_in)",
          null);
    }
    return new Granted(
        access.get(),
        Duration.ofSeconds(Math.min(life.longValue(), MAX_LIFE_SECONDS)),
        text(object, "refresh_token"),
        text(object, "id_token"));
  }

  private static Optional<String> text(ObjectNode object, String name) {
    return CompactToken.text(object, name)
        .filter(text -> !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f));
  }

  /**
   * What was granted.
   *
   * @param accessToken of the user
   * @param life of the access token
   * @param refreshToken for the next one
   * @param idToken says who the user is
   */
  public record Granted(
      String accessToken, Duration life, Optional<String> refreshToken, Optional<String> idToken) {

    /** Its life, and never the tokens. */
    @Override
    public String toString() {
      return "Granted[life=" + life + "]";
    }
  }
}
