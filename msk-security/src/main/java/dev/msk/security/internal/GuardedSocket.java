package dev.msk.security.internal;

import java.io.IOException;
import java.io.OutputStream;
import javax.net.ssl.SSLSocket;

/** A client's socket that sends nothing more once its server is not trusted any more; what is under way comes in. */
final class GuardedSocket extends ForwardingSocket {

  private final PeerGuard guard;

  GuardedSocket(SSLSocket socket, PeerGuard guard) {
    super(socket);
    this.guard = guard;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new GuardedStream(super.getOutputStream());
  }

  private void check() throws IOException {
    if (!guard.isCurrent()) {
      guard.require(getSession(), !getUseClientMode());
    }
  }

  private final class GuardedStream extends OutputStream {

    private final OutputStream out;

    GuardedStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      check();
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      check();
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
