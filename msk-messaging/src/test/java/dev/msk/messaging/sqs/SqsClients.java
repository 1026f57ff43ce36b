package dev.msk.messaging.sqs;

import dev.msk.core.Scheduler;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/** A client of SQS and a scheduler, as a service has them. */
public final class SqsClients implements AutoCloseable {

  /** Of all clients, and never closed: one of its own takes 2 s to end. */
  private static final SdkAsyncHttpClient HTTP = NettyNioAsyncHttpClient.create();

  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final SqsAsyncClient client;

  private SqsClients(SqsAsyncClient client) {
    this.client = client;
  }

  public static SqsClients at(URI endpoint) {
    return at(endpoint, StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")));
  }

  static SqsClients at(URI endpoint, AwsCredentialsProvider credentials) {
    return new SqsClients(SqsAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of("elasticmq"))
        .credentialsProvider(credentials)
        .httpClient(HTTP)
        .overrideConfiguration(override -> override.apiCallTimeout(Duration.ofSeconds(5)))
        .build());
  }

  SqsAsyncClient client() {
    return client;
  }

  /** Quick to give messages to others, and to end. */
  public SqsTransport.Builder fifo() {
    return quick(SqsTransport.fifo(client, Scheduler.of(executor)));
  }

  SqsTransport.Builder standard() {
    return quick(SqsTransport.standard(client, Scheduler.of(executor)));
  }

  private static SqsTransport.Builder quick(SqsTransport.Builder builder) {
    return builder.visibilityTimeout(Duration.ofSeconds(3)).receiveWait(Duration.ofSeconds(1));
  }

  @Override
  public void close() {
    client.close();
    executor.shutdownNow();
  }
}
