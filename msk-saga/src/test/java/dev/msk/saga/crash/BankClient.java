package dev.msk.saga.crash;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.saga.crash.Transfers.Transfer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls the bank, one of its processes after the other. Thread-safe. */
final class BankClient {

  static final String KEY = "idempotency-key";
  static final int OK = 200;
  static final int DECLINED = 422;
  static final int UNDONE = 409;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final List<Integer> ports;
  private final AtomicInteger next = new AtomicInteger();

  BankClient(List<Integer> ports) {
    this.ports = List.copyOf(ports);
  }

  /** False for a definite no. */
  boolean credit(String key, Transfer transfer) throws IOException, InterruptedException {
    int status = post("/credit", key, transfer);
    if (status != OK && status != DECLINED) {
      throw new IOException("credit: " + status);
    }
    return status == OK;
  }

  void undoCredit(String key, Transfer transfer) throws IOException, InterruptedException {
    int status = post("/credit-undo", key, transfer);
    if (status != OK) {
      throw new IOException("credit-undo: " + status);
    }
  }

  private int post(String path, String key, Transfer transfer)
      throws IOException, InterruptedException {
    int port = ports.get(Math.floorMod(next.getAndIncrement(), ports.size()));
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(5))
        .header(KEY, key)
        .POST(BodyPublishers.ofByteArray(JacksonCodec.of().encode(transfer)))
        .build();
    HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
    return response.statusCode();
  }
}
