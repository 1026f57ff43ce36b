package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.TokenRequestException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Asks a token endpoint, at its own address only: no redirect is followed; the request is bounded in time, the answer in
 * size. Thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5">RFC 6749, section 5</a>
 */
public final class TokenEndpoint {

  private static final int MAX_BYTES = 64 * 1024;
  private static final int MAX_DESCRIPTION = 200;
  private static final Duration UNTOLD_LIFE = Duration.ofSeconds(60);
  private static final long MAX_LIFE_SECONDS = Duration.ofDays(1).toSeconds();

  private final FormPost post;
  private final URI uri;

  /**
   * An endpoint.
   *
   * @param client sends; must not follow redirects
   * @param uri of the endpoint
   * @param timeout of a request, to the last byte of the answer
   */
  public TokenEndpoint(HttpClient client, URI uri, Duration timeout) {
    this.post = new FormPost(client, uri, timeout, MAX_BYTES);
    this.uri = uri;
  }

  /**
   * Asks for a token.
   *
   * @param form of the request
   * @param headers of the request
   * @return the token; fails with a {@link TokenRequestException}
   */
  public CompletableFuture<Issued> ask(Map<String, String> form, Map<String, String> headers) {
    return post.send(form, headers).handle((answer, failure) -> {
      if (failure != null) {
        throw new TokenRequestException(uri, null, "no answer, " + root(failure), root(failure));
      }
      return answer.statusCode() == 200 ? issued(answer.body()) : refused(answer);
    });
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private Issued issued(byte[] body) {
    ObjectNode answer = StrictJson.object(body)
        .orElseThrow(() -> unreadable("body: not a JSON object by strict rules"));
    String token = CompactToken.text(answer, "access_token")
        .filter(text -> !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f))
        .orElseThrow(() -> unreadable("access_token: absent or not printable"));
    if (!CompactToken.text(answer, "token_type").orElse("").equalsIgnoreCase("Bearer")) {
      throw unreadable("token_type: not supported (expected: Bearer)");
    }
    JsonNode life = answer.get("expires_in");
    if (life == null) {
      return new Issued(token, UNTOLD_LIFE);
    }
    if (!life.canConvertToLong() || life.longValue() <= 0) {
      throw unreadable("expires_in: not a time (expected: seconds, more than zero)");
    }
    return new Issued(token, Duration.ofSeconds(Math.min(life.longValue(), MAX_LIFE_SECONDS)));
  }

  private Issued refused(HttpResponse<byte[]> answer) {
    Optional<ObjectNode> json = StrictJson.object(answer.body());
    String error = json.flatMap(object -> CompactToken.text(object, "error"))
        .filter(text -> text.matches("[\\x20-\\x7e]{1,64}"))
        .orElse(null);
    String description = json.flatMap(object -> CompactToken.text(object, "error_description"))
        .map(text -> ", " + printable(text))
        .orElse("");
    String said = error == null ? "" : ", " + error + description;
    throw new TokenRequestException(
        uri, error, "status " + answer.statusCode() + said + " (expected: 200)", null);
  }

  private TokenRequestException unreadable(String message) {
    return new TokenRequestException(uri, null, message, null);
  }

  private static String printable(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
    return plain.length() > MAX_DESCRIPTION ? plain.substring(0, MAX_DESCRIPTION) + "…" : plain;
  }

  /**
   * A token that was issued.
   *
   * @param value the token
   * @param life from when it was asked for
   */
  public record Issued(String value, Duration life) {

    /** Its life, and never the token. */
    @Override
    public String toString() {
      return "Issued[life=" + life + "]";
    }
  }
}
