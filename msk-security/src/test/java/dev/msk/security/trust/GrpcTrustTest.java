package dev.msk.security.trust;

import dev.msk.core.security.TlsSource;
import dev.msk.security.grpc.Greeter;
import dev.msk.security.grpc.GrpcTls;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.util.concurrent.TimeUnit;

/** gRPC on Netty. */
class GrpcTrustTest extends TrustRemovedContract {

  @Override
  final TrustedServer start(Service service) throws Exception {
    Server server = Grpc.newServerBuilderForPort(0, GrpcTls.server(service.identity(), "inventory"))
        .addService(new Greeter(Greeter.SERVICE, text -> text))
        .permitKeepAliveTime(1, TimeUnit.NANOSECONDS)
        .permitKeepAliveWithoutCalls(true)
        .build()
        .start();
    return new TrustedServer() {
      @Override
      public int port() {
        return server.getPort();
      }

      @Override
      public Wire.Protocol protocol() {
        return Wire.Protocol.HTTP_2;
      }

      @Override
      public TrustedClient client(Service caller) {
        return new GrpcCaller(caller.identity(), port());
      }

      @Override
      public void close() throws Exception {
        server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
      }
    };
  }

  private static final class GrpcCaller implements TrustedServer.TrustedClient {

    private final ManagedChannel channel;
    private final TlsSource.Registration following;

    GrpcCaller(TlsSource source, int port) {
      channel = Grpc.newChannelBuilderForAddress(
              "localhost", port, GrpcTls.channel(source, "inventory"))
          .build();
      following = GrpcTls.follow(channel, source);
    }

    @Override
    public void call() {
      String answer = Greeter.greet(channel);
      if (!answer.equals("hello")) {
        throw new AssertionError(answer);
      }
    }

    @Override
    public void close() throws Exception {
      following.close();
      channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    }
  }
}
