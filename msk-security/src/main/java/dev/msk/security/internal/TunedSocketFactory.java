package dev.msk.security.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Makes sockets with the factory of the moment and tunes them. */
public final class TunedSocketFactory extends SSLSocketFactory {

  private final Supplier<SSLSocketFactory> current;
  private final UnaryOperator<SSLParameters> tune;
  private final DelegatingSslContext.Guards guard;
  private final boolean guarding;

  TunedSocketFactory(
      Supplier<SSLSocketFactory> current,
      UnaryOperator<SSLParameters> tune,
      DelegatingSslContext.Guards guard) {
    this(current, tune, guard, false);
  }

  private TunedSocketFactory(
      Supplier<SSLSocketFactory> current,
      UnaryOperator<SSLParameters> tune,
      DelegatingSslContext.Guards guard,
      boolean guarding) {
    this.current = current;
    this.tune = tune;
    this.guard = guard;
    this.guarding = guarding;
  }

  /**
   * A factory whose sockets send nothing more to a server that is not trusted any more.
   *
   * @param factory any; one that is not of this class is given back
   * @return the factory
   */
  public static SSLSocketFactory guarded(SSLSocketFactory factory) {
    return factory instanceof TunedSocketFactory tuned
        ? new TunedSocketFactory(() -> guarded(tuned.current.get()), tuned.tune, tuned.guard, true)
        : factory;
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
  public Socket createSocket() throws IOException {
    return tuned(current.get().createSocket());
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return tuned(current.get().createSocket(socket, host, port, autoClose));
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return tuned(current.get().createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return tuned(current.get().createSocket(host, port, local, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return tuned(current.get().createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return tuned(current.get().createSocket(host, port, local, localPort));
  }

  private Socket tuned(Socket socket) {
    SSLSocket tls = (SSLSocket) socket;
    tls.setSSLParameters(tune.apply(tls.getSSLParameters()));
    return guarding ? guard.socket(tls) : tls;
  }
}
