package dev.msk.security.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.security.Authorizer.Decision;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.CredentialCheck;
import dev.msk.security.JwksSource;
import dev.msk.security.RequestBinding;
import dev.msk.security.SpiffeId;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.testing.TestIdp;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BearerAuthenticationTest {

  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final TokenVerifier verifier = TokenVerifier.builder(
          idp.issuer(),
          JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
      .audience("gateway")
      .build();
  private final BearerAuthentication door = BearerAuthentication.of(
      verifier,
      AccessRules.of(
          AccessRule.named("place").anyCaller().actions("POST /orders").scopes("orders:write")));

  @AfterEach
  void stop() {
    idp.close();
  }

  @Test
  void goodToken_becomesAContext() throws Exception {
    String token = token("orders:write");
    Request request = Request.of("POST", "/orders", "bearer " + token)
        .context(CallContext.builder()
            .correlationId("flow-1")
            .deadline(Deadline.after(Duration.ofMinutes(5)))
            .retriedUpstream(true)
            .build())
        .caller(SpiffeId.of("spiffe://shop.example/edge"));

    Outcome outcome =
        door.authenticateAsync(request).toCompletableFuture().get(10, TimeUnit.SECONDS);

    assertThat(outcome).isInstanceOfSatisfying(Outcome.Authenticated.class, through -> {
      assertThat(through.context().subject()).contains("alice");
      assertThat(through.context().correlationId()).contains("flow-1");
      assertThat(through.context().deadline()).isPresent();
      assertThat(through.context().retriedUpstream()).isTrue();
      assertThat(through.context().caller()).contains("spiffe://shop.example/edge");
      assertThat(through.token().value()).isEqualTo(token);
      assertThat(through.toString()).doesNotContain(token);
      assertThat(through.rule()).isEqualTo("place");
    });
  }

  @Test
  void callerAndSubjectThatAreClaimed_countForNothing() {
    CallContext claims = CallContext.builder()
        .caller("spiffe://shop.example/admin")
        .subject("root")
        .build();

    Outcome outcome = door.authenticate(
        Request.of("POST", "/orders", "Bearer " + token("orders:write")).context(claims));

    assertThat(outcome).isInstanceOfSatisfying(Outcome.Authenticated.class, through -> {
      assertThat(through.context().caller()).isEmpty();
      assertThat(through.context().subject()).contains("alice");
    });
  }

  @Test
  void timeThatRanOutWhileKeysWereFetched_is504() throws Exception {
    ManualTime time = ManualTime.create();
    CompletableFuture<Verification> verified = new CompletableFuture<>();
    BearerAuthentication waiting =
        BearerAuthentication.of(new Waiting(verified), access -> new Decision(true, "all"));
    CallContext incoming = CallContext.builder()
        .deadline(Deadline.after(Duration.ofSeconds(1), time))
        .build();

    CompletableFuture<Outcome> outcome = waiting
        .authenticateAsync(Request.of("POST", "/orders", "Bearer x").context(incoming))
        .toCompletableFuture();
    assertThat(outcome).isNotDone();
    time.advance(Duration.ofSeconds(1));
    verified.complete(verifier.verify(token("orders:write")));

    assertThat(outcome.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Outcome.Refused.class, refused -> assertThat(refused.status()).isEqualTo(504));
  }

  @Test
  void connectionWithoutTls_hasNoCaller() {
    Outcome outcome = door.authenticate(
        Request.of("POST", "/orders", "Bearer " + token("orders:write")).peer(null));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Authenticated.class,
            through -> assertThat(through.context().caller()).isEmpty());
  }

  @Test
  void noToken_isAskedFor() {
    for (String header : new String[] {"", "Basic YTpi", "Bearer"}) {
      assertRefused(header, 401, "Bearer", "Unauthorized");
    }
    assertRefused(null, 401, "Bearer", "Unauthorized");
  }

  @Test
  void badToken_is401() {
    assertRefused("Bearer x.y.z", 401, "Bearer error=\"invalid_token\"", "Unauthorized");
    assertRefused(
        "Bearer " + token("orders:write") + ", Bearer x",
        401,
        "Bearer error=\"invalid_token\"",
        "Unauthorized");
  }

  @Test
  void missingScope_is403() {
    assertRefused(
        "Bearer " + token("orders:read"), 403, "Bearer error=\"insufficient_scope\"", "Forbidden");
  }

  @Test
  void issuerThatIsAway_is503() {
    idp.down(true);

    assertRefused("Bearer " + token("orders:write"), 503, "Bearer", "Service Unavailable");
  }

  private void assertRefused(
      @Nullable String authorization, int status, String challenge, String title) {
    assertThat(door.authenticate(Request.of("POST", "/orders", authorization)))
        .isEqualTo(new Outcome.Refused(
            status,
            challenge,
            "{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + "}"));
  }

  private String token(String scope) {
    return idp.token("alice").audience("gateway").scopes(scope).sign();
  }

  /** Answers when it is told to. */
  private record Waiting(CompletableFuture<Verification> verified) implements CredentialCheck {

    @Override
    public Verification verify(@Nullable String credential, RequestBinding binding) {
      return verified.join();
    }

    @Override
    public CompletionStage<Verification> verifyAsync(
        @Nullable String credential, RequestBinding binding) {
      return verified;
    }

    @Override
    public boolean recognises(String credential) {
      return true;
    }
  }
}
