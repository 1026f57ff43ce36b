package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.testing.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What travels through services in a row, over real connections: the time that is left, and who repeats. Takes some seconds: with fewer
 * than 3,000 calls the hundred retries that are there without calls would be more than a twentieth.
 */
@Timeout(180)
final class CallChainTest {

  private final ManualTime time = ManualTime.create();

  @Test
  void eachHop_seesLessTimeThanTheOneBefore() throws Exception {
    try (CallChain chain = new CallChain(time, 3, CallChainTest::ok)) {
      chain.work = () -> time.advance(Duration.ofSeconds(10));

      int status;
      try (Scope scope = within(Duration.ofSeconds(60)).makeCurrent()) {
        status = chain.call();
      }

      assertThat(status).isEqualTo(200);
      assertThat(chain.timeouts).containsExactly("60000", "50000", "40000");
    }
  }

  @Test
  void hopWhoseTimeIsUsedUp_callsNobody() throws Exception {
    try (CallChain chain = new CallChain(time, 3, CallChainTest::ok)) {
      chain.work = () -> time.advance(Duration.ofSeconds(30));

      int status;
      try (Scope scope = within(Duration.ofSeconds(50)).makeCurrent()) {
        status = chain.call();
      }

      assertThat(status).isEqualTo(504);
      assertThat(chain.timeouts).as("the backend is not called").containsExactly("50000", "20000");
      assertThat(chain.reached).hasValue(0);
    }
  }

  @Test
  void hopsBelowOneThatRepeats_doNotRepeat() throws Exception {
    try (CallChain chain = new CallChain(time, 4, CallChainTest::unavailable)) {
      assertThat(chain.call()).isEqualTo(503);

      // Two instances of the second service were asked, and each asked everybody below it once.
      assertThat(chain.reached).hasValue(2);
    }
  }

  @ParameterizedTest
  @MethodSource("deadBackends")
  void fourServicesBeforeADeadBackend_sendItAtMostAQuarterMore(HttpHandler backend)
      throws Exception {
    int calls = 3_000;
    try (CallChain chain = new CallChain(time, 4, backend)) {
      ExecutorService load = Executors.newFixedThreadPool(8);
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        answers.add(load.submit(() -> {
          time.advance(Duration.ofMillis(1));
          return chain.call();
        }));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isBetween(502, 503);
      }
      load.shutdown();

      System.out.printf(
          "four services: %,d calls, %,d attempts at the backend, %.3f times as many%n",
          calls, chain.reached.get(), (double) chain.reached.get() / calls);
      assertThat(chain.reached.get()).isBetween(calls * 6 / 5, calls * 5 / 4);
    }
  }

  static Stream<Named<HttpHandler>> deadBackends() {
    return Stream.of(
        Named.<HttpHandler>of("which answers that it is unavailable", CallChainTest::unavailable),
        Named.<HttpHandler>of("whose connections break", CallChainTest::breakOff));
  }

  private static void ok(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private static void unavailable(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(503, -1);
    exchange.close();
  }

  /** In the middle of the body, since the JDK's client sends again by itself what broke before. */
  private static void breakOff(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 2);
    exchange.getResponseBody().write('x');
    exchange.getResponseBody().flush();
    throw new IOException("the connection is closed in the middle of the body");
  }

  private CallContext within(Duration timeout) {
    return CallContext.builder().deadline(Deadline.after(timeout, time)).build();
  }
}
