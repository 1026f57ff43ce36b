package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.EchoServer;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Workers;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real server that answers, refuses and stalls. */
final class HttpProbeTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Workers workers = new Workers();
  private final HttpProbe probe =
      HttpProbe.builder("/health?full=1", workers.executor()).build();
  private EchoServer server;

  @BeforeEach
  void start() throws IOException {
    server = EchoServer.start("a");
  }

  @AfterEach
  void close() {
    server.close();
    workers.close();
  }

  @Test
  void instanceThatAnswers_isHealthy() throws Exception {
    ask(server.instance("orders")).get(60, TimeUnit.SECONDS);

    assertThat(server.requests).containsExactly("GET /health?full=1");
  }

  @Test
  void otherStatus_isNot() {
    server.status = 503;

    Instance instance = server.instance("orders");
    assertThat(ask(instance))
        .failsWithin(TIMEOUT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(IOException.class)
        .withMessage(
            "http://" + instance.authority() + "/health?full=1: status 503 (expected: 200 to 299)");
  }

  @Test
  void nobodyThere_isNot() {
    Instance gone = server.instance("orders");
    server.close();

    assertThat(ask(gone))
        .failsWithin(TIMEOUT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void bodyThatStalls_isGivenUp() throws Exception {
    server.stalls = true;
    CompletableFuture<?> answer = ask(server.instance("orders"));

    answer.cancel(true);

    assertThat(answer).isCancelled();
    server.stalls = false;
    ask(server.instance("orders")).get(60, TimeUnit.SECONDS);
  }

  @Test
  void pathThatIsNone_isRefused() {
    for (String path : new String[] {"", "health", "/a b", "/a#b"}) {
      assertThatThrownBy(() -> HttpProbe.builder(path, workers.executor()).build())
          .hasMessage("path: " + path + " (expected: a path, from the first slash on)");
    }
  }

  private CompletableFuture<?> ask(Instance instance) {
    return probe.check(instance, TIMEOUT).toCompletableFuture();
  }
}
