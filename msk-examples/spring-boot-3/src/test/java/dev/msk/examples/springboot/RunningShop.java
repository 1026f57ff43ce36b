package dev.msk.examples.springboot;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as its main method starts it, on real servers. */
final class RunningShop implements AutoCloseable {

  private final HttpClient http = HttpClient.newHttpClient();
  private final ConfigurableApplicationContext context;

  RunningShop(PostgresServer postgres, KafkaServer kafka) {
    context = SpringApplication.run(
        ShopApplication.class,
        "--server.port=0",
        "--spring.datasource.url=" + postgres.newDatabase(),
        "--kafka.servers=" + kafka.bootstrapServers());
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** The status of PUT /orders/{id}. */
  int put(String id, String json) throws IOException, InterruptedException {
    URI orders = URI.create("http://localhost:"
        + context.getEnvironment().getProperty("local.server.port") + "/orders/");
    HttpRequest request = HttpRequest.newBuilder(orders.resolve(id))
        .timeout(Duration.ofSeconds(30))
        .header("Content-Type", "application/json")
        .PUT(HttpRequest.BodyPublishers.ofString(json))
        .build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Override
  public void close() {
    context.close();
  }
}
