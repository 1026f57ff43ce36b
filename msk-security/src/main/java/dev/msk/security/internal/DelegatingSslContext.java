package dev.msk.security.internal;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A context that asks another one for each engine and socket, which one being decided each time, and tunes what it gets
 * before anybody else has it. Thread-safe.
 */
public final class DelegatingSslContext extends SSLContext {

  private DelegatingSslContext(
      Supplier<SSLContext> current,
      UnaryOperator<SSLParameters> tune,
      Guards guard,
      SSLContext first) {
    super(new Spi(current, tune, guard), first.getProvider(), first.getProtocol());
  }

  /**
   * A delegating context.
   *
   * @param current the context to ask now
   * @param tune changes the parameters of each engine and socket
   * @return the context
   */
  public static SSLContext of(Supplier<SSLContext> current, UnaryOperator<SSLParameters> tune) {
    return of(current, tune, Guards.NONE);
  }

  /**
   * A delegating context that puts something before its engines, and before sockets where that is asked for.
   *
   * @param current the context to ask now
   * @param tune changes the parameters of each engine and socket
   * @param guard what is given out for each engine and socket
   * @return the context
   */
  public static SSLContext of(
      Supplier<SSLContext> current, UnaryOperator<SSLParameters> tune, Guards guard) {
    return new DelegatingSslContext(current, tune, guard, current.get());
  }

  /** What is given out for engines and sockets. */
  public interface Guards {

    /** The engines and sockets themselves. */
    Guards NONE = new Guards() {};

    /**
     * For an engine.
     *
     * @param engine tuned
     * @return what is given out
     */
    default SSLEngine engine(SSLEngine engine) {
      return engine;
    }

    /**
     * For a socket, where guarded ones are asked for.
     *
     * @param socket tuned
     * @return what is given out
     */
    default SSLSocket socket(SSLSocket socket) {
      return socket;
    }
  }

  private static final class Spi extends SSLContextSpi {

    private final Supplier<SSLContext> current;
    private final UnaryOperator<SSLParameters> tune;
    private final Guards guard;

    Spi(Supplier<SSLContext> current, UnaryOperator<SSLParameters> tune, Guards guard) {
      this.current = current;
      this.tune = tune;
      this.guard = guard;
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("context: is initialised already");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return new TunedSocketFactory(() -> current.get().getSocketFactory(), tune, guard);
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return new TunedServerSocketFactory(() -> current.get().getServerSocketFactory(), tune);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return tuned(current.get().createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return tuned(current.get().createSSLEngine(host, port));
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return current.get().getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return current.get().getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return tune.apply(current.get().getDefaultSSLParameters());
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return current.get().getSupportedSSLParameters();
    }

    private SSLEngine tuned(SSLEngine engine) {
      engine.setSSLParameters(tune.apply(engine.getSSLParameters()));
      return guard.engine(engine);
    }
  }
}
