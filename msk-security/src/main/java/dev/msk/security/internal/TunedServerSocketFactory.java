package dev.msk.security.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;

/** Makes server sockets with the factory of the moment and tunes them; a socket stays with its factory. */
final class TunedServerSocketFactory extends SSLServerSocketFactory {

  private final Supplier<SSLServerSocketFactory> current;
  private final UnaryOperator<SSLParameters> tune;

  TunedServerSocketFactory(
      Supplier<SSLServerSocketFactory> current, UnaryOperator<SSLParameters> tune) {
    this.current = current;
    this.tune = tune;
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return current.get().getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return current.get().getSupportedCipherSuites();
  }

  @Override
  public ServerSocket createServerSocket() throws IOException {
    return tuned(current.get().createServerSocket());
  }

  @Override
  public ServerSocket createServerSocket(int port) throws IOException {
    return tuned(current.get().createServerSocket(port));
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog) throws IOException {
    return tuned(current.get().createServerSocket(port, backlog));
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
      throws IOException {
    return tuned(current.get().createServerSocket(port, backlog, address));
  }

  private ServerSocket tuned(ServerSocket socket) {
    SSLServerSocket tls = (SSLServerSocket) socket;
    tls.setSSLParameters(tune.apply(tls.getSSLParameters()));
    return tls;
  }
}
