package dev.msk.security.http;

import static java.util.Objects.requireNonNull;

import dev.msk.security.LogoutTokens;
import dev.msk.security.LogoutTokens.LoggedOut;
import dev.msk.security.LogoutTokens.Outcome;
import dev.msk.security.LogoutTokens.Refused;
import dev.msk.security.Revocations;
import dev.msk.security.RevocationsFullException;
import dev.msk.security.Verification.Reason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an issuer says that a session has ended: takes the form that it posts, and takes the session's tokens back. It knows
 * no server: give it the body of a {@code POST}, and answer with the status that it returns and {@code Cache-Control:
 * no-store}.
 *
 * <p>200 means that the tokens are refused from now on, 400 that the logout token was refused, 503 that the issuer's keys
 * could not be had or that there is no room for more revocations. Why is in the log only. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest">OpenID Connect Back-Channel Logout
 *     1.0, sections 2.5 and 2.8</a>
 */
public final class LogoutEndpoint {

  private static final Logger log = LoggerFactory.getLogger(LogoutEndpoint.class);
  private static final String PARAMETER = "logout_token=";
  private static final int MAX_LENGTH = 16_384;

  private final LogoutTokens tokens;
  private final Revocations revocations;

  private LogoutEndpoint(LogoutTokens tokens, Revocations revocations) {
    this.tokens = tokens;
    this.revocations = revocations;
  }

  /**
   * An endpoint.
   *
   * @param tokens reads what the issuer sends
   * @param revocations takes what is taken back
   * @return the endpoint
   */
  public static LogoutEndpoint of(LogoutTokens tokens, Revocations revocations) {
    return new LogoutEndpoint(
        requireNonNull(tokens, "tokens"), requireNonNull(revocations, "revocations"));
  }

  /**
   * Takes a form; blocks while the issuer's keys must be waited for.
   *
   * @param form the body, {@code application/x-www-form-urlencoded}, of at most 16,384 characters
   * @return the status to answer with
   */
  public int post(String form) {
    return status(tokens.read(token(form)));
  }

  /**
   * Takes a form without blocking.
   *
   * @param form the body, as for {@link #post}
   * @return the status to answer with; complete already if the issuer's keys are known. Never fails
   */
  public CompletionStage<Integer> postAsync(String form) {
    return tokens.readAsync(token(form)).thenApply(this::status);
  }

  private int status(Outcome outcome) {
    if (outcome instanceof Refused refused) {
      log.warn("Logout refused: {}, {}", refused.reason(), refused.safeMessage());
      return refused.reason() == Reason.KEYS_UNAVAILABLE ? 503 : 400;
    }
    try {
      ((LoggedOut) outcome).revocations().forEach(revocations::add);
      return 200;
    } catch (RevocationsFullException e) {
      log.error("Logout has not its whole effect: {}", e.getMessage());
      return 503;
    }
  }

  /** The only parameter of that name; null if there is none, or more than one. */
  private static @Nullable String token(String form) {
    if (form.length() > MAX_LENGTH) {
      return null;
    }
    List<String> values = new ArrayList<>();
    for (String pair : form.split("&", -1)) {
      if (pair.startsWith(PARAMETER)) {
        values.add(pair.substring(PARAMETER.length()));
      }
    }
    try {
      return values.size() == 1 ? URLDecoder.decode(values.get(0), StandardCharsets.UTF_8) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
