package dev.msk.localservers;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * Whether a server on 127.0.0.1 answers within a second, by UDP, with the SOA of its zone. As much of RFC 1035, section 4, as that takes,
 * so that nobody gets a client from us.
 *
 * @param zone its name, with a dot at the end or without
 */
record DnsProbe(int port, String zone) implements BooleanSupplier {
  private static final int SOA = 6;
  private static final int INTERNET = 1;
  private static final int HEADER = 12;
  private static final int MILLIS = 1000;

  @Override
  public boolean getAsBoolean() {
    short id = (short) ThreadLocalRandom.current().nextInt();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(MILLIS);
      socket.connect(InetAddress.getLoopbackAddress(), port);
      byte[] query = query(id);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return answer.getLength() > HEADER && isPositive(ByteBuffer.wrap(answer.getData()), id);
    } catch (IOException e) {
      return false;
    }
  }

  private byte[] query(short id) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(id);
    out.writeShort(0); // flags
    out.writeShort(1); // questions
    out.writeShort(0); // answers
    out.writeShort(0); // authorities
    out.writeShort(0); // additional records
    for (String label : zone.split("\\.")) {
      out.writeByte(label.length());
      out.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeByte(0);
    out.writeShort(SOA);
    out.writeShort(INTERNET);
    return bytes.toByteArray();
  }

  /** A response to that query, without an error, with an answer. */
  private static boolean isPositive(ByteBuffer answer, short id) {
    int flags = answer.getShort(2);
    return answer.getShort(0) == id
        && (flags & 0x8000) != 0
        && (flags & 0x000F) == 0
        && answer.getShort(6) > 0;
  }
}
