package dev.msk.saga.crash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import javax.sql.DataSource;

/** What each process of the crash tests is: it takes posts on a port, and sends the events of its outbox to the other service. */
final class Service {

  /** What is done with a post; the status to answer with. */
  interface Handler {

    int handle(HttpExchange exchange) throws Exception;
  }

  /** What is done with an event. Whatever it throws has the event sent again. */
  interface Taker {

    void take(EventEnvelope event) throws Exception;
  }

  private static final int FAILED = 503;

  private final HttpServer server;
  private final OutboxRelay relay;

  Service(
      DataSource database,
      Outbox outbox,
      String name,
      int port,
      List<Integer> others,
      ExecutorService executor) {
    try {
      this.server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port, e);
    }
    server.setExecutor(executor);
    this.relay = OutboxRelay.builder(
            outbox,
            new HttpTransport(others),
            Leases.builder(database, name).ttl(Duration.ofSeconds(2)).build())
        .pollInterval(Duration.ofMillis(50))
        // A post is waited for, so a page is so many answers; the cursor moves with it.
        .pageSize(20)
        .build();
  }

  static Outbox outbox(DataSource database, String topic) {
    return Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
  }

  Service post(String path, Handler handler) {
    server.createContext(path, exchange -> {
      int status;
      try (exchange) {
        try {
          status = handler.handle(exchange);
        } catch (Exception e) {
          System.out.println(path + ": " + e);
          status = FAILED;
        }
        exchange.sendResponseHeaders(status, -1);
      }
    });
    return this;
  }

  Service events(String topic, Taker taker) {
    return post("/" + topic, exchange -> {
      taker.take(HttpTransport.read(exchange));
      return BankClient.OK;
    });
  }

  void start() {
    server.start();
    relay.start();
  }

  void stop() {
    server.stop(0);
    relay.close();
  }
}
