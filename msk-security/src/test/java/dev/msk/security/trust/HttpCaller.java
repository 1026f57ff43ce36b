package dev.msk.security.trust;

import dev.msk.core.security.TlsSource;
import dev.msk.security.http.LiveHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Calls with the JDK's client. */
final class HttpCaller implements TrustedServer.TrustedClient {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final LiveHttpClient client;
  private final HttpRequest request;

  HttpCaller(TlsSource source, int port) {
    client =
        LiveHttpClient.of(source, "inventory", () -> HttpClient.newBuilder().executor(threads));
    request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/"))
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  @Override
  public void call() throws Exception {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200 || !response.body().equals("hello")) {
      throw new IOException(response + " " + response.body());
    }
  }

  @Override
  public void close() {
    client.close();
    threads.shutdown();
  }
}
