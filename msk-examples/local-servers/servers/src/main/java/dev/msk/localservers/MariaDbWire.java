package dev.msk.localservers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of MariaDB's protocol as a login without password and a statement whose result nobody wants take, so that nobody gets a driver
 * from us. Source: MariaDB documentation, "Clients &amp; Utilities, MariaDB Client/Server Protocol".
 */
final class MariaDbWire implements Closeable {
  private static final int LONG_PASSWORD = 1;
  private static final int CONNECT_WITH_DATABASE = 1 << 3;
  private static final int PROTOCOL_41 = 1 << 9;
  private static final int SECURE_CONNECTION = 1 << 15;
  private static final int PLUGIN_AUTHENTICATION = 1 << 19;
  private static final int MAX_BYTES = (1 << 24) - 1;
  private static final int UTF8MB4 = 45;
  private static final int QUIT = 1;
  private static final int QUERY = 3;
  private static final byte OK = 0;
  private static final byte END = (byte) 0xFE;
  private static final byte ERROR = (byte) 0xFF;
  private static final int MILLIS = 10_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;

  /** Connects and logs in. */
  MariaDbWire(int port, String user, String database) throws IOException {
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
      socket.setSoTimeout(MILLIS);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      read(); // its greeting
      send(1, login(user, database));
      if (read()[0] != OK) {
        throw new IOException("it asks for more than a name");
      }
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Runs one statement. */
  void execute(String sql) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(QUERY);
    body.writeBytes(sql.getBytes(StandardCharsets.UTF_8));
    send(0, body.toByteArray());
    if (read()[0] != OK) {
      skip(); // columns
      skip(); // rows
    }
  }

  @Override
  public void close() throws IOException {
    try (socket) {
      send(0, new byte[] {QUIT});
    }
  }

  private static byte[] login(String user, String database) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    writeInt(
        body,
        LONG_PASSWORD
            | CONNECT_WITH_DATABASE
            | PROTOCOL_41
            | SECURE_CONNECTION
            | PLUGIN_AUTHENTICATION,
        Integer.BYTES);
    writeInt(body, MAX_BYTES, Integer.BYTES);
    body.write(UTF8MB4);
    body.writeBytes(new byte[23]);
    body.writeBytes(text(user));
    body.write(0); // bytes of the password
    body.writeBytes(text(database));
    body.writeBytes(text("mysql_native_password"));
    return body.toByteArray();
  }

  private void send(int number, byte[] body) throws IOException {
    if (body.length >= MAX_BYTES) {
      throw new IOException(body.length + " bytes (expected: less than 16 MiB)");
    }
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    writeInt(packet, body.length, 3);
    packet.write(number);
    packet.writeBytes(body);
    socket.getOutputStream().write(packet.toByteArray());
  }

  /** The next packet, never empty. */
  private byte[] read() throws IOException {
    int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
    in.readUnsignedByte(); // number
    byte[] packet = in.readNBytes(length);
    if (length == 0 || packet.length < length) {
      throw new EOFException("the server hung up");
    }
    if (packet[0] == ERROR) {
      throw new IOException(message(packet));
    }
    return packet;
  }

  private void skip() throws IOException {
    byte[] packet = read();
    // A row may begin so as well, but only a long one.
    while (packet[0] != END || packet.length > 8) {
      packet = read();
    }
  }

  /** Number, state and message: a byte, a short, and a text that has the state in front, but not before the login. */
  private static String message(byte[] packet) {
    int number = packet[1] & 0xFF | (packet[2] & 0xFF) << 8;
    String text = new String(packet, 3, packet.length - 3, StandardCharsets.UTF_8);
    return "error " + number + ": " + text.replaceFirst("^#\\w{5}", "");
  }

  private static void writeInt(ByteArrayOutputStream out, int number, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write(number >> 8 * i);
    }
  }

  private static byte[] text(String value) {
    return (value + "\0").getBytes(StandardCharsets.UTF_8);
  }
}
