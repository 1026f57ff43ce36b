package dev.msk.security.grpc;

import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.OptionalDependency;
import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;

/**
 * Credentials of gRPC servers and channels from a {@link TlsSource}. Each new connection is made with the source's present
 * generation; connections that are open stay open, so give servers a {@code maxConnectionAge} of at most half the life of
 * their certificates.
 *
 * <p>Needs {@code io.grpc:grpc-netty-shaded}; servers and channels must be Netty's, as {@code Grpc.newServerBuilderForPort}
 * and {@code Grpc.newChannelBuilder} make them.
 */
public final class GrpcTls {

  private GrpcTls() {}

  /**
   * Credentials for a server that requires a certificate of each client.
   *
   * @param source of the server's identity
   * @param name of this service
   * @return for {@code Grpc.newServerBuilderForPort}
   * @throws dev.msk.core.MissingDependencyException if grpc-netty-shaded is not there
   */
  public static ServerCredentials server(TlsSource source, String name) {
    requireNetty();
    return NettyTls.server(source, name);
  }

  /**
   * Credentials for a channel to a peer. How the peer is known, by SPIFFE id or by the channel's authority as host name, is
   * up to the source.
   *
   * @param source of the client's identity
   * @param peer name of the service at the other end
   * @return for {@code Grpc.newChannelBuilder}
   * @throws dev.msk.core.MissingDependencyException if grpc-netty-shaded is not there
   */
  public static ChannelCredentials channel(TlsSource source, String peer) {
    requireNetty();
    return NettyTls.channel(source, peer);
  }

  private static void requireNetty() {
    OptionalDependency.of(
            GrpcTls.class,
            "grpc-netty",
            "io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials")
        .require("gRPC over TLS");
  }
}
