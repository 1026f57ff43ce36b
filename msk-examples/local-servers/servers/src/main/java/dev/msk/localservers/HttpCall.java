package dev.msk.localservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One exchange whose answer must be a 2xx.
 *
 * @param headers of the request
 * @param body what to send; empty sends nothing
 */
record HttpCall(String method, URI uri, Map<String, String> headers, String body) {
  private static final int MILLIS = 30_000;

  /** The body of the answer, which may be empty; another status is an exception with its body. */
  String answer() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(MILLIS);
    connection.setReadTimeout(MILLIS);
    connection.setRequestMethod(method);
    headers.forEach(connection::setRequestProperty);
    try {
      if (!body.isEmpty()) {
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body.getBytes(StandardCharsets.UTF_8));
        }
      }
      int status = connection.getResponseCode();
      try (InputStream in =
          status / 100 == 2 ? connection.getInputStream() : connection.getErrorStream()) {
        String answer = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (status / 100 != 2) {
          throw new IOException("status " + status + " " + answer);
        }
        return answer;
      }
    } finally {
      connection.disconnect();
    }
  }
}
