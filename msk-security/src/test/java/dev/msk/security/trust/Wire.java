package dev.msk.security.trust;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client by hand, so that it is known which connection and which session is used. */
final class Wire implements AutoCloseable {

  private final SSLSocket socket;
  private final Protocol protocol;
  private boolean first = true;

  private Wire(SSLSocket socket, Protocol protocol) {
    this.socket = socket;
    this.protocol = protocol;
  }

  static Wire connect(SSLContext context, int port, String tls, Protocol protocol)
      throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {tls});
    if (protocol == Protocol.HTTP_2) {
      parameters.setApplicationProtocols(new String[] {"h2"});
    }
    socket.setSSLParameters(parameters);
    return new Wire(socket, protocol);
  }

  /** A request and its answer; fails if the server does not answer. */
  void exchange() throws IOException {
    String request = first ? protocol.opening + protocol.request : protocol.request;
    first = false;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    InputStream in = socket.getInputStream();
    StringBuilder read = new StringBuilder();
    while (read.indexOf(protocol.answer) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed by the server");
      }
      read.append((char) next);
    }
  }

  /** When the session was begun that this connection uses: that of another connection, if it was resumed. */
  long sessionBegan() {
    return socket.getSession().getCreationTime();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  enum Protocol {
    HTTP_1("", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nhello"),
    HTTP_2(
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0",
        "\0\0\10\6\0\0\0\0\0pingpong",
        "\0\0\10\6\1\0\0\0\0pingpong");

    private final String opening;
    private final String request;
    private final String answer;

    Protocol(String opening, String request, String answer) {
      this.opening = opening;
      this.request = request;
      this.answer = answer;
    }
  }
}
