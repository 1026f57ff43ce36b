package dev.msk.localservers;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of PostgreSQL's protocol 3.0 as a start and a statement without result take, so that
 * nobody gets a driver from us. Source: PostgreSQL documentation, "Message Formats".
 */
final class PostgresWire implements Closeable {
  private static final int PROTOCOL = 3 << 16;
  private static final int MILLIS = 10_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final DataOutputStream out;

  /** Connects and logs in; the server trusts everybody on 127.0.0.1. */
  PostgresWire(int port, String user, String database) throws IOException {
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
      socket.setSoTimeout(MILLIS);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      DataOutputStream startup = new DataOutputStream(body);
      startup.writeInt(PROTOCOL);
      startup.write(text("user"));
      startup.write(text(user));
      startup.write(text("database"));
      startup.write(text(database));
      startup.write(0);
      send(body.toByteArray());
      awaitReady();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Runs one statement in a transaction of its own. */
  void execute(String sql) throws IOException {
    out.write('Q');
    send(text(sql));
    awaitReady();
  }

  @Override
  public void close() throws IOException {
    try (socket) {
      out.write('X');
      send(new byte[0]);
    }
  }

  private void send(byte[] body) throws IOException {
    out.writeInt(body.length + Integer.BYTES);
    out.write(body);
    out.flush();
  }

  private void awaitReady() throws IOException {
    String error = null;
    while (true) {
      int type = in.readUnsignedByte();
      byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
      if (type == 'E') {
        error = message(body);
        // A refused start-up is the last message of its connection.
        if (error.contains("FATAL")) {
          throw new IOException(error);
        }
      } else if (type == 'Z') {
        if (error != null) {
          throw new IOException(error);
        }
        return;
      }
    }
  }

  /** Severity and message of an ErrorResponse: fields of one letter and a string that ends in 0. */
  private static String message(byte[] body) {
    String severity = "";
    String text = "";
    for (String field : new String(body, StandardCharsets.UTF_8).split("\0")) {
      if (field.startsWith("V")) {
        severity = field.substring(1);
      } else if (field.startsWith("M")) {
        text = field.substring(1);
      }
    }
    return severity + ": " + text;
  }

  private static byte[] text(String value) {
    return (value + "\0").getBytes(StandardCharsets.UTF_8);
  }
}
