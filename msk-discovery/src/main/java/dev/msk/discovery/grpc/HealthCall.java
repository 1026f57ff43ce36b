package dev.msk.discovery.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code grpc.health.v1.Health/Check}. Its two messages have a field each, so that they are written and read here,
 * without protobuf: the name of the service (1, a string) and its status (1, an enum).
 */
final class HealthCall extends ClientCall.Listener<byte[]> {

  private static final int NAME = 0x0A;
  private static final int STATUS = 0x08;
  private static final int SERVING = 1;
  private static final int MAX_ANSWER = 4096;

  private static final MethodDescriptor<byte[], byte[]> CHECK =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.health.v1.Health/Check")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private byte @Nullable [] answer;

  private HealthCall() {}

  static CompletableFuture<Void> start(Channel channel, String service, Duration timeout) {
    ClientCall<byte[], byte[]> call = channel.newCall(
        CHECK,
        CallOptions.DEFAULT
            .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
            .withMaxInboundMessageSize(MAX_ANSWER));
    HealthCall listener = new HealthCall();
    call.start(listener, new Metadata());
    call.sendMessage(request(service));
    call.halfClose();
    call.request(2);
    var unused = listener.result.whenComplete((nothing, error) -> {
      if (listener.result.isCancelled()) {
        call.cancel("not waited for any more", null);
      }
    });
    return listener.result;
  }

  private static byte[] request(String service) {
    if (service.isEmpty()) {
      return new byte[0];
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    byte[] name = service.getBytes(UTF_8);
    message.write(NAME);
    int left = name.length;
    for (; left > 0x7F; left >>>= 7) {
      message.write((left & 0x7F) | 0x80);
    }
    message.write(left);
    message.writeBytes(name);
    return message.toByteArray();
  }

  @Override
  public void onMessage(byte[] message) {
    answer = message;
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (!status.isOk()) {
      result.completeExceptionally(status.asException());
    } else if (isServing(answer)) {
      result.complete(null);
    } else {
      result.completeExceptionally(new IOException("the health service answers: not SERVING"));
    }
  }

  private static boolean isServing(byte @Nullable [] message) {
    return message != null && message.length == 2 && message[0] == STATUS && message[1] == SERVING;
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
