package dev.msk.security.spiffe;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A channel to the Workload API, over the JDK's own sockets: those of the Unix domain are NIO since Java 16, so that no
 * native library is needed, on no operating system. There is no TLS, as the specification has it, and no proxy.
 *
 * @param channel to the endpoint
 * @param loop its one thread
 */
record WorkloadChannel(ManagedChannel channel, EventLoopGroup loop) {

  /** Longer than servers of grpc-go take for an attack. */
  private static final long KEEP_ALIVE_MINUTES = 6;

  static WorkloadChannel to(SocketAddress address) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("msk-spiffe-workload-api", true), NioIoHandler.newFactory());
    ManagedChannel channel = NettyChannelBuilder.forAddress(address)
        .channelType(
            address instanceof UnixDomainSocketAddress
                ? NioDomainSocketChannel.class
                : NioSocketChannel.class)
        .eventLoopGroup(loop)
        .overrideAuthority("localhost")
        .usePlaintext()
        .proxyDetector(target -> null)
        .keepAliveTime(KEEP_ALIVE_MINUTES, TimeUnit.MINUTES)
        .build();
    return new WorkloadChannel(channel, loop);
  }

  void close() {
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
