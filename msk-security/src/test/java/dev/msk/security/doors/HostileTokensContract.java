package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.core.CallContext;
import dev.msk.core.security.Authorizer;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.BearerToken;
import dev.msk.security.CredentialCheck;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenAttacks;
import dev.msk.security.TokenAttacks.Attack;
import dev.msk.security.Verification.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Attacks by way of a door of any make, over one connection: each is answered like every other, the reason is told to those who watch and to
 * nobody else, and the next honest call on that connection goes through.
 */
@Timeout(300)
public abstract class HostileTokensContract {

  private static final int LONGEST = 16_000;

  private final List<SecurityEvent> told = new CopyOnWriteArrayList<>();
  private final List<String> handled = new CopyOnWriteArrayList<>();
  private final SecurityEvents events = SecurityEvents.builder("orders")
      .lines((level, json) -> {})
      .listener(told::add)
      .build();
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Starts a server; its handler calls {@link #seen()}. */
  protected abstract AutoCloseable serve(CredentialCheck check, Authorizer rules) throws Exception;

  /** A connection to the server, that is never made anew. */
  protected abstract Line connect() throws Exception;

  /** All that a caller sees whose token is refused. */
  protected abstract String refusal();

  @AfterEach
  final void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  /** To be called by the handler, and to be its answer. */
  protected final String seen() {
    CallContext call = CallContext.current();
    String seen =
        call.subject().orElse("nobody") + " by " + call.caller().orElse("an unknown caller")
            + BearerToken.current().map(token -> " with a token").orElse("")
            + call.correlationId().map(id -> " in " + id).orElse("")
            + call.deadline().map(deadline -> " within a time").orElse("")
            + (call.retriedUpstream() ? " repeated upstream" : "");
    handled.add(seen);
    return seen;
  }

  /** What the handler has seen. */
  final List<String> handled() {
    return handled;
  }

  /** What those who watch were told. */
  final List<SecurityEvent> told() {
    return told;
  }

  final SecurityEvents events() {
    return events;
  }

  /** Closes it after the test. */
  final <T extends AutoCloseable> T open(T closeable) {
    open.add(closeable);
    return closeable;
  }

  @Test
  final void attacks_areRefusedAlike_andTheReasonIsTold() throws Exception {
    Line line = opened();
    List<Attack> attacks =
        TokenAttacks.all().filter(attack -> isOneHeader(attack.token())).toList();
    assertThat(attacks).hasSizeGreaterThan(65);

    for (Attack attack : attacks) {
      assertThat(line.call("Authorization: Bearer " + attack.token()))
          .as(attack.name())
          .isEqualTo(refusal());
      assertThat(told).as(attack.name()).singleElement().satisfies(event -> {
        assertThat(event.fields()).containsEntry(Field.REASON, attack.reason().name());
        assertThat(event.fields().values()).noneMatch(value -> value.contains("eyJ"));
      });
      told.clear();
      assertThat(handled).as(attack.name()).isEmpty();
    }
    assertHonestCallGoesThrough(line);
  }

  /** What is no header value is up to the server and its client; it goes on afterwards. */
  @Test
  final void whatNoHeaderCarries_reachesNoHandler_andTheServerLives() throws Exception {
    Line first = opened();
    assertHonestCallGoesThrough(first);
    handled.clear();

    for (Attack attack : TokenAttacks.all()
        .filter(attack -> !isOneHeader(attack.token()) && !attack.token().endsWith("\n"))
        .toList()) {
      try (Line line = connect()) {
        assertThat(line.call("Authorization: Bearer " + attack.token()))
            .as(attack.name())
            .doesNotContain("alice");
      } catch (Exception refusedByTheTransport) {
        assertThat(handled).as(attack.name()).isEmpty();
      }
    }
    assertThat(handled).isEmpty();
    assertHonestCallGoesThrough(first);
  }

  @Test
  final void floodOfUnknownKeys_asksTheIssuerOnce_andHinderNobody() throws Exception {
    Line line = opened();
    assertHonestCallGoesThrough(line);
    int before = TokenAttacks.fetches();

    for (String token : TokenAttacks.unknownKeys(100).toList()) {
      assertThat(line.call("Authorization: Bearer " + token)).isEqualTo(refusal());
    }

    assertThat(told)
        .hasSize(100)
        .allSatisfy(event ->
            assertThat(event.fields()).containsEntry(Field.REASON, Reason.KEY_UNKNOWN.name()));
    assertThat(TokenAttacks.fetches() - before).isLessThanOrEqualTo(1);
    assertHonestCallGoesThrough(line);
  }

  @Test
  final void addressesInTokens_areNotCalled() throws Exception {
    Line line = opened();

    try (ServerSocket bait = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "http://127.0.0.1:" + bait.getLocalPort() + "/keys";
      assertThat(line.call("Authorization: Bearer " + TokenAttacks.withKeyAt(address)))
          .isEqualTo(refusal());

      // The door has answered: whatever it would have called for that, it has called.
      bait.setSoTimeout(1);
      assertThat(catchThrowable(bait::accept)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  final void headersThatSayWhoCalls_areNotBelieved() throws Exception {
    Line line = opened();

    assertThat(line.call(
            "Authorization: Bearer " + TokenAttacks.honestToken(),
            "X-Forwarded-Client-Cert: URI=spiffe://shop.example/admin",
            "X-Forwarded-User: root",
            "X-Remote-User: root",
            "X-Spiffe-Id: spiffe://shop.example/admin",
            "X-Subject: root",
            "X-Caller: spiffe://shop.example/admin"))
        .endsWith("alice by an unknown caller with a token");
  }

  @Test
  final void twoTokens_areOneTooMany() throws Exception {
    Line line = opened();
    String good = "Authorization: Bearer " + TokenAttacks.honestToken();

    assertThat(line.call(good, good)).isEqualTo(refusal());
    assertThat(line.call(good, "Authorization: Basic YTpi")).isEqualTo(refusal());
    assertThat(line.call("Authorization: Basic YTpi", good)).isEqualTo(refusal());
    assertThat(handled).isEmpty();
    assertHonestCallGoesThrough(line);
  }

  private void assertHonestCallGoesThrough(Line line) throws Exception {
    assertThat(line.call("Authorization: Bearer " + TokenAttacks.honestToken()))
        .endsWith("alice by an unknown caller with a token");
  }

  private Line opened() throws Exception {
    Authorizer rules =
        AccessRules.of(AccessRule.named("all").anyCaller().actions("**").scopes("orders:write"));
    open(serve(TokenAttacks.verifier(events), rules));
    return open(connect());
  }

  private static boolean isOneHeader(String token) {
    return !token.isEmpty()
        && token.length() < LONGEST
        && token.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  /** One connection. */
  public interface Line extends AutoCloseable {

    /**
     * A call with these headers, each {@code Name: value}.
     *
     * @return all that the caller sees; ends with what the handler has answered if it was called
     */
    String call(String... headers) throws Exception;
  }
}
