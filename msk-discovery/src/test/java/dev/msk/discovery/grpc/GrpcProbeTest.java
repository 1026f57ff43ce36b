package dev.msk.discovery.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Instance;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A real server that speaks {@code grpc.health.v1} in the bytes that protobuf makes of its messages: the request's only field is a
 * string (0a, length, characters), the answer's an enum (08, value), and what is zero or empty is left out.
 */
final class GrpcProbeTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String LONG_NAME = "shop.v1." + "Orders".repeat(30);

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Queue<ManagedChannel> channels = new ConcurrentLinkedQueue<>();
  private Server server;
  private Instance instance;

  @BeforeEach
  void start() throws IOException {
    Hex hex = new Hex();
    MethodDescriptor<String, String> check = MethodDescriptor.<String, String>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("grpc.health.v1.Health/Check")
        .setRequestMarshaller(hex)
        .setResponseMarshaller(hex)
        .build();
    server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(ServerServiceDefinition.builder("grpc.health.v1.Health")
            .addMethod(check, ServerCalls.asyncUnaryCall(this::answer))
            .build())
        .build()
        .start();
    instance = Instance.builder("orders", "127.0.0.1", server.getPort()).build();
  }

  private void answer(String request, StreamObserver<String> observer) {
    String answer = answers.get(request);
    if (answer == null) {
      observer.onError(Status.NOT_FOUND.asException());
    } else {
      observer.onNext(answer);
      observer.onCompleted();
    }
  }

  @AfterEach
  void stop() throws Exception {
    server.shutdownNow();
    assertThat(server.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    for (ManagedChannel channel : channels) {
      assertThat(channel.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void serverThatServes_isHealthy() {
    answers.put("", "0801");

    assertThat(ask("")).succeedsWithin(TIMEOUT);
  }

  @Test
  void serviceThatServes_isHealthy() {
    answers.put("0a0e" + hex("shop.v1.Orders"), "0801");
    // 188 characters: 10111100 in groups of seven bits, the lowest first.
    answers.put("0abc01" + hex(LONG_NAME), "0801");

    assertThat(ask("shop.v1.Orders")).succeedsWithin(TIMEOUT);
    assertThat(ask(LONG_NAME)).succeedsWithin(TIMEOUT);
  }

  @Test
  void serviceThatDoesNotServe_isNot() {
    for (String status : new String[] {"", "0802", "0803", "08"}) {
      answers.put("", status);

      assertThat(ask(""))
          .as(status)
          .failsWithin(TIMEOUT)
          .withThrowableThat()
          .havingCause()
          .withMessage("the health service answers: not SERVING");
    }
  }

  @Test
  void serviceThatNobodyKnows_isNot() {
    assertThat(ask("shop.v1.Payments"))
        .failsWithin(TIMEOUT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(StatusException.class)
        .withMessageContaining("NOT_FOUND");
  }

  @Test
  void nobodyThere_isNot() {
    server.shutdownNow();

    assertThat(ask(""))
        .failsWithin(TIMEOUT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(StatusException.class)
        .withMessageContaining("UNAVAILABLE");
  }

  private CompletableFuture<?> ask(String service) {
    GrpcProbe probe = GrpcProbe.of(service, at -> {
      ManagedChannel channel =
          ManagedChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build();
      channels.add(channel);
      return channel;
    });
    return probe.check(instance, TIMEOUT).toCompletableFuture();
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  private static final class Hex implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(HexFormat.of().parseHex(value));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return HexFormat.of().formatHex(stream.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
