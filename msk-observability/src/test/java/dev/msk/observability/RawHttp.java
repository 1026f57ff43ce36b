package dev.msk.observability;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.msk.observability.TraceContextConformance.Header;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;

/** One request over a socket, whose headers go out as they are given: no client of the JDK writes them twice, or with tabs. */
public final class RawHttp {

  private RawHttp() {}

  /** Answers with the response, its head included. */
  public static String get(int port, String path, List<Header> headers) throws IOException {
    StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    headers.forEach(header ->
        request.append(header.name()).append(": ").append(header.value()).append("\r\n"));
    request.append("Connection: close\r\n\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.toString().getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
