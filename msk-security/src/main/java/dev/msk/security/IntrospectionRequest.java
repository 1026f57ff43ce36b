package dev.msk.security;

import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.internal.FormPost;
import dev.msk.security.internal.IntrospectionAnswer;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an issuer about one token.
 *
 * @param client as whom it is asked
 * @param post sends
 * @param rules what must be in an answer
 * @param clock tells the time
 */
record IntrospectionRequest(
    ClientAuthentication client,
    FormPost post,
    IntrospectionAnswer.Rules rules,
    InstantSource clock)
    implements Function<String, CompletableFuture<IntrospectionAnswer>> {

  private static final Logger log = LoggerFactory.getLogger(OpaqueTokens.class);

  @Override
  public CompletableFuture<IntrospectionAnswer> apply(String token) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("token", token);
    form.put("token_type_hint", "access_token");
    Map<String, String> headers = new LinkedHashMap<>();
    client.prove(post.uri(), clock.instant(), form, headers);
    return post.send(form, headers).handle(this::answer);
  }

  /** What another token would get too is told apart from what may be due to this one. */
  private IntrospectionAnswer answer(
      @Nullable HttpResponse<byte[]> answer, @Nullable Throwable failure) {
    if (answer == null) {
      log.warn("{} gave no answer: {}", post.uri(), String.valueOf(failure));
      return unknown("issuer: no answer", true);
    }
    int status = answer.statusCode();
    if (status == 200) {
      return rules.read(answer.body(), clock.instant());
    }
    log.warn("{} answered with status {} (expected: 200)", post.uri(), status);
    return unknown("issuer: status " + status, status == 429 || status == 503);
  }

  private static IntrospectionAnswer unknown(String why, boolean away) {
    return new IntrospectionAnswer.Unknown(new Rejected(Reason.KEYS_UNAVAILABLE, why), away);
  }
}
