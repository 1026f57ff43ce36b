package dev.msk.security.spiffe;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A contract server: {@code FetchX509SVID} over real gRPC, written after SPIFFE_Workload_API.md and
 * SPIFFE_Workload_Endpoint.md. It is not SPIRE.
 */
public final class WorkloadApiContractServer implements AutoCloseable {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);
  private static final MethodDescriptor<byte[], byte[]> FETCH =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("SpiffeWorkloadAPI/FetchX509SVID")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<ServerCall<byte[], byte[]>> streams = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final Server server;
  private final String address;
  private byte @Nullable [] answer;
  private @Nullable Status refusal;

  private WorkloadApiContractServer(SocketAddress socket, byte @Nullable [] answer)
      throws IOException {
    this.answer = answer;
    boolean unix = socket instanceof UnixDomainSocketAddress;
    this.server = NettyServerBuilder.forAddress(socket)
        .channelType(unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class)
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .addService(ServerServiceDefinition.builder("SpiffeWorkloadAPI")
            .addMethod(FETCH, this::fetch)
            .build())
        .build()
        .start();
    this.address = unix
        ? "unix://" + ((UnixDomainSocketAddress) socket).getPath()
        : "tcp://127.0.0.1:" + server.getPort();
  }

  public static WorkloadApiContractServer unix(Path socket, byte[] answer) throws IOException {
    Files.createDirectories(socket.getParent());
    Files.deleteIfExists(socket);
    return new WorkloadApiContractServer(UnixDomainSocketAddress.of(socket), answer);
  }

  public static WorkloadApiContractServer tcp(int port, byte[] answer) throws IOException {
    return new WorkloadApiContractServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), answer);
  }

  public String address() {
    return address;
  }

  public int port() {
    return server.getPort();
  }

  /** How many streams were asked for so far. */
  public int asked() {
    return asked.get();
  }

  public synchronized int openStreams() {
    return streams.size();
  }

  /** Sends to all streams, and to those to come. */
  public synchronized void push(byte[] next) {
    answer = next;
    refusal = null;
    streams.forEach(stream -> stream.sendMessage(next));
  }

  /** Ends all streams, and those to come. */
  public synchronized void refuse(Status status) {
    refusal = status;
    List.copyOf(streams).forEach(stream -> stream.close(status, new Metadata()));
    streams.clear();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(60, TimeUnit.SECONDS);
  }

  private ServerCall.Listener<byte[]> fetch(ServerCall<byte[], byte[]> call, Metadata headers) {
    asked.incrementAndGet();
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onHalfClose() {
        begin(call, headers);
      }

      @Override
      public void onCancel() {
        forget(call);
      }
    };
  }

  private synchronized void begin(ServerCall<byte[], byte[]> call, Metadata headers) {
    if (!"true".equals(headers.get(HEADER))) {
      call.close(Status.INVALID_ARGUMENT.withDescription("security header"), new Metadata());
    } else if (refusal != null) {
      call.close(refusal, new Metadata());
    } else {
      streams.add(call);
      call.sendHeaders(new Metadata());
      if (answer != null) {
        call.sendMessage(answer);
      }
    }
  }

  private synchronized void forget(ServerCall<byte[], byte[]> call) {
    streams.remove(call);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
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
