package dev.msk.saga.crash;

import com.sun.net.httpserver.HttpExchange;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.http.HttpEventFormat;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Posts events to whichever of some processes takes them: a broker would only hide which of them is dead. */
final class HttpTransport implements EventTransport {

  private static final HttpEventFormat FORMAT = HttpEventFormat.of();

  /** Less than a relay's lease: one that waits longer has lost its partitions, and begins the page again. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
  private final List<Integer> ports;
  /** The process that answered last, whoever asked: one that is paused takes connections, and says nothing. */
  private volatile int current;

  HttpTransport(List<Integer> ports) {
    this.ports = List.copyOf(ports);
  }

  static EventEnvelope read(HttpExchange exchange) throws IOException {
    return FORMAT.read(exchange.getRequestHeaders(), exchange.getRequestBody().readAllBytes());
  }

  @Override
  public EventSender openSender() {
    return new Sender();
  }

  @Override
  public EventReceiver openReceiver(
      String group, Collection<String> topics, EventReceiver.Revocations revocations) {
    throw new UnsupportedOperationException("events are posted");
  }

  @Override
  public EventEnvelope decode(Delivery.Undecodable message) {
    throw new UnsupportedOperationException("events are posted");
  }

  private final class Sender implements EventSender {

    @Override
    public void send(String topic, EventEnvelope event, Completion completion) {
      IOException failure = new IOException(topic + ": taken by none of " + ports);
      for (int i = 0; i < ports.size(); i++) {
        int asked = current;
        try {
          if (post(ports.get(asked), topic, event) == BankClient.OK) {
            completion.done(null);
            return;
          }
        } catch (IOException e) {
          failure.addSuppressed(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
        current = (asked + 1) % ports.size();
      }
      completion.done(failure);
    }

    private int post(int port, String topic, EventEnvelope event)
        throws IOException, InterruptedException {
      HttpEventFormat.Message message = FORMAT.writeStructured(event);
      HttpRequest.Builder request = HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + port + "/" + topic))
          .timeout(PATIENCE);
      message.headers().forEach(request::header);
      return http.send(
              request.POST(BodyPublishers.ofByteArray(message.body())).build(),
              BodyHandlers.discarding())
          .statusCode();
    }

    @Override
    public void close() {}
  }
}
