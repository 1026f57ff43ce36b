package dev.msk.security.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.BearerToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AuthorizedHttpClientTest {

  private static final CredentialSource CREDENTIALS = peer -> CompletableFuture.completedFuture(
      new Credential("Bearer", "for-" + peer, Instant.now().plusSeconds(60)));

  private final HttpClient plain = HttpClient.newHttpClient();
  private HttpServer server;
  private volatile Headers last = new Headers();

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      last = exchange.getRequestHeaders();
      String seen = exchange.getRequestHeaders().get("Authorization") + " "
          + exchange.getRequestHeaders().get("x-correlation-id") + " "
          + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      byte[] body = seen.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void ownCredential_isSent_inPlaceOfAnyOther() throws Exception {
    HttpClient client = AuthorizedHttpClient.of(plain, CREDENTIALS, "inventory");
    HttpRequest request = request().setHeader("Authorization", "Basic x").build();

    try (Scope call = CallContext.builder().correlationId("flow-1").build().makeCurrent()) {
      assertThat(client.send(request, BodyHandlers.ofString()).body())
          .isEqualTo("[Bearer for-inventory] [flow-1] {}");
    }
    assertThat(client
            .sendAsync(request, BodyHandlers.ofString())
            .get(60, TimeUnit.SECONDS)
            .body())
        .isEqualTo("[Bearer for-inventory] null {}");
  }

  @Test
  void timeAndMarkOfTheCall_areSent() throws Exception {
    HttpClient client = AuthorizedHttpClient.forwarding(plain);
    CallContext context = CallContext.builder()
        .deadline(Deadline.after(Duration.ofMinutes(3), ManualTime.create()))
        .retriedUpstream(true)
        .build();

    try (Scope call = context.makeCurrent()) {
      assertThat(client.send(request().build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }

    assertThat(last.getFirst("msk-timeout-ms")).isEqualTo("180000");
    assertThat(last.getFirst("msk-retried-upstream")).isEqualTo("true");
  }

  @Test
  void tokenOfTheCall_isForwarded() throws Exception {
    HttpClient client = AuthorizedHttpClient.forwarding(plain);

    try (Scope token = BearerToken.of("alice's").makeCurrent()) {
      assertThat(client.send(request().build(), BodyHandlers.ofString()).body())
          .isEqualTo("[Bearer alice's] null {}");
    }
    assertThat(client.send(request().build(), BodyHandlers.ofString()).body())
        .isEqualTo("null null {}");
  }

  @Test
  void openConnection_getsNoCredential() {
    HttpClient client = AuthorizedHttpClient.of(plain, CREDENTIALS, "inventory");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://inventory.example/")).build();

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("uri: http://inventory.example/ (expected: https")
        .hasMessageNotContaining("for-inventory");
  }

  @Test
  void credentialThatCannotBeHad_failsTheRequest() {
    HttpClient failing = AuthorizedHttpClient.of(
        plain, peer -> CompletableFuture.failedFuture(new IOException("away")), "inventory");
    HttpClient throwing = AuthorizedHttpClient.of(
        plain,
        peer -> {
          throw new IllegalStateException("closed");
        },
        "inventory");

    assertThatThrownBy(() -> failing.send(request().build(), BodyHandlers.ofString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("away");
    assertThatThrownBy(() -> throwing
            .sendAsync(request().build(), BodyHandlers.ofString())
            .get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void clientThatFollowsRedirects_isRefused() {
    HttpClient following =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

    assertThatThrownBy(() -> AuthorizedHttpClient.forwarding(following))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("client: follows redirects (expected: Redirect.NEVER");
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))
        .POST(HttpRequest.BodyPublishers.ofString("{}"));
  }
}
