package dev.msk.discovery.baddays;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.discovery.Workers;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Stands between a client and a real registry; a test changes what is asked and what is answered. */
public final class RegistryFront implements AutoCloseable {

  private static final String INDEX = "X-Consul-Index";

  private final URI registry;
  private final HttpServer server;
  private final Workers workers = new Workers();
  private final HttpClient http =
      HttpClient.newBuilder().executor(workers.executor()).build();
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private volatile UnaryOperator<String> question = UnaryOperator.identity();
  private volatile UnaryOperator<Answer> answer = UnaryOperator.identity();

  /**
   * What the registry says.
   *
   * @param question path and query
   * @param index in Consul's header, empty if there is none
   * @param body of the answer
   */
  public record Answer(String question, String index, byte[] body) {

    public Answer withIndex(String value) {
      return new Answer(question, value, body);
    }

    public Answer withBody(byte[] value) {
      return new Answer(question, index, value);
    }
  }

  private RegistryFront(URI registry) throws IOException {
    this.registry = registry;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(workers.executor());
    server.createContext("/", this::forward);
    server.start();
  }

  public static RegistryFront to(URI registry) throws IOException {
    return new RegistryFront(registry);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** What was asked so far, as the client said it. */
  public List<String> questions() {
    return List.copyOf(questions);
  }

  /** Asks the registry something else. */
  public void onQuestion(UnaryOperator<String> change) {
    question = change;
  }

  /** Tells the client something else. */
  public void onAnswer(UnaryOperator<Answer> change) {
    answer = change;
  }

  private void forward(HttpExchange exchange) throws IOException {
    String asked = exchange.getRequestURI().toString();
    questions.add(asked);
    HttpRequest request = HttpRequest.newBuilder(registry.resolve(question.apply(asked)))
        .header("Accept", "application/json")
        .method(
            exchange.getRequestMethod(),
            BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
        .build();
    try {
      HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
      String index = response.headers().firstValue(INDEX).orElse("");
      send(
          exchange, response.statusCode(), answer.apply(new Answer(asked, index, response.body())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.close();
    }
  }

  private static void send(HttpExchange exchange, int status, Answer answer) throws IOException {
    if (!answer.index().isEmpty()) {
      exchange.getResponseHeaders().set(INDEX, answer.index());
    }
    if (answer.body().length == 0) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, answer.body().length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.close();
  }
}
