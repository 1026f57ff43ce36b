package dev.msk.discovery.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.discovery.Instance;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers each call with its name; holds them back when it is told to. */
final class GreeterServer implements AutoCloseable {

  static final MethodDescriptor<String, String> GREET =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("greeter/greet")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private final String name;
  private final Server server;
  private final Queue<StreamObserver<String>> held = new ConcurrentLinkedQueue<>();
  private volatile boolean holds;
  private volatile boolean fails;

  private GreeterServer(String name) throws IOException {
    this.name = name;
    this.server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(ServerServiceDefinition.builder("greeter")
            .addMethod(GREET, ServerCalls.asyncUnaryCall(this::greet))
            .build())
        .build()
        .start();
  }

  static GreeterServer start(String name) throws IOException {
    return new GreeterServer(name);
  }

  private void greet(String request, StreamObserver<String> answer) {
    if (fails) {
      answer.onError(Status.UNAVAILABLE.withDescription(name + " is ill").asException());
    } else if (holds) {
      held.add(answer);
    } else {
      answer(answer);
    }
  }

  private void answer(StreamObserver<String> answer) {
    answer.onNext(name);
    answer.onCompleted();
  }

  void hold() {
    holds = true;
  }

  void fail(boolean value) {
    fails = value;
  }

  int held() {
    return held.size();
  }

  void release() {
    holds = false;
    held.forEach(this::answer);
  }

  Instance instance(String service) {
    return Instance.builder(service, "127.0.0.1", server.getPort()).build();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
