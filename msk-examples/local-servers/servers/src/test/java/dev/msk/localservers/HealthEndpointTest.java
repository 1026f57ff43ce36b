package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final HttpClient client = HttpClient.newHttpClient();
  private final HealthEndpoint health = HealthEndpoint.start();

  @AfterEach
  void close() {
    health.close();
    health.close();
    Await.until("end of its threads", () -> threads() == 0);
  }

  @Test
  void answer_isWhatWasSaid() throws Exception {
    assertThat(ask(PATIENT).statusCode()).isEqualTo(200);

    health.answer(503);

    HttpResponse<String> answer = ask(PATIENT);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("{\"status\": \"DOWN\"}");
    assertThat(health.requests()).isEqualTo(2);
  }

  @Test
  void hang_answersNothing_untilSomethingIsSaid() {
    health.hang();
    assertThatThrownBy(() -> ask(Duration.ofMillis(200))).isInstanceOf(HttpTimeoutException.class);
    CompletableFuture<HttpResponse<String>> waiting =
        client.sendAsync(request(PATIENT), BodyHandlers.ofString());
    Await.until("the second request", () -> health.requests() == 2);
    assertThat(waiting).isNotDone();

    health.answer(204);

    assertThat(waiting.join().statusCode()).isEqualTo(204);
  }

  @Test
  void slow_comesAllTheTime_andEndsLate() throws Exception {
    health.slow(Duration.ofMillis(300));

    long start = System.nanoTime();
    assertThat(ask(PATIENT).body()).isEqualTo("{\"status\": \"UP\"}");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(280));
  }

  @Test
  void status_thatIsNone_isNamed() {
    assertThatThrownBy(() -> health.answer(42))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("status: 42 (expected: 200 to 599)");
  }

  @Test
  void garbage_isNoHttp() {
    health.garbage();

    assertThatThrownBy(() -> ask(PATIENT))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(HttpTimeoutException.class);
    assertThat(health.requests()).isPositive();
  }

  @Test
  void close_endsRequestsThatHang_andRefusesOthers() {
    health.hang();
    CompletableFuture<HttpResponse<String>> waiting =
        client.sendAsync(request(PATIENT), BodyHandlers.ofString());
    Await.until("the request", () -> health.requests() == 1);

    health.close();

    assertThatThrownBy(waiting::join).hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> ask(PATIENT)).isInstanceOf(ConnectException.class);
  }

  private HttpResponse<String> ask(Duration timeout) throws IOException, InterruptedException {
    return client.send(request(timeout), BodyHandlers.ofString());
  }

  private HttpRequest request(Duration timeout) {
    return HttpRequest.newBuilder(health.uri()).timeout(timeout).build();
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("health-"))
        .count();
  }
}
