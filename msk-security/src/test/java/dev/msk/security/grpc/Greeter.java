package dev.msk.security.grpc;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** A service of one method, whose messages are text. */
public record Greeter(String service, UnaryOperator<String> greeting) implements BindableService {

  public static final String SERVICE = "shop.Greeter";

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(service)
        .addMethod(method(service), ServerCalls.asyncUnaryCall((request, responses) -> {
          responses.onNext(greeting.apply(request));
          responses.onCompleted();
        }))
        .build();
  }

  public static String greet(Channel channel) {
    return greet(channel, SERVICE, CallOptions.DEFAULT);
  }

  public static String greet(Channel channel, String service) {
    return greet(channel, service, CallOptions.DEFAULT);
  }

  static String greet(Channel channel, String service, CallOptions options) {
    return ClientCalls.blockingUnaryCall(channel, method(service), options, "hello");
  }

  private static MethodDescriptor<String, String> method(String service) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, "Greet"))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
