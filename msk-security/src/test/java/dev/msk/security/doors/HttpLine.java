package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A connection by HTTP/1.1, by hand, so that nobody tidies the path or the headers, or makes it anew. */
final class HttpLine implements HostileTokensContract.Line {

  private static final Set<String> HARMLESS = Set.of(
      "date",
      "content-length",
      "content-language",
      "content-type",
      "cache-control",
      "www-authenticate",
      "connection",
      "keep-alive");

  private final Socket socket;
  private final InputStream in;

  HttpLine(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    in = new BufferedInputStream(socket.getInputStream());
  }

  @Override
  public String call(String... headers) throws IOException {
    return send("GET", "/orders", headers);
  }

  /** Status, challenge and body; of other headers there are only such as have nothing to say. */
  String send(String method, String path, String... headers) throws IOException {
    String request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
        + String.join("\r\n", headers) + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    String status = line().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    Map<String, String> fields = new TreeMap<>();
    for (String field = line(); !field.isEmpty(); field = line()) {
      int colon = field.indexOf(':');
      fields.put(
          field.substring(0, colon).toLowerCase(Locale.ROOT),
          field.substring(colon + 1).strip());
    }
    assertThat(HARMLESS).containsAll(fields.keySet());
    int length = Integer.parseInt(fields.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return status + " " + fields.getOrDefault("www-authenticate", "") + " " + body;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("closed by the server");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
