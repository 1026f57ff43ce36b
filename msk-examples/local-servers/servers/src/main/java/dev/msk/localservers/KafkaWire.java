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
 * As much of Kafka's protocol as a topic takes, so that nobody gets a client from us. Source: Kafka
 * documentation, "Protocol": Metadata version 2, CreateTopics version 4.
 */
final class KafkaWire implements Closeable {
  private static final int METADATA = 3;
  private static final int CREATE_TOPICS = 19;
  private static final int MILLIS = 10_000;

  private final Socket socket = new Socket();

  KafkaWire(int port) throws IOException {
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
      socket.setSoTimeout(MILLIS);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The id of the cluster, or nothing while its only broker is not yet admitted. */
  String cluster() throws IOException {
    DataInputStream answer = call(METADATA, 2, body -> body.writeInt(0));
    boolean admitted = skipBrokers(answer) > 0;
    String cluster = readString(answer);
    return admitted ? cluster : "";
  }

  /** Creates a topic with one replica of each partition. */
  void createTopic(String topic, int partitions) throws IOException {
    DataInputStream answer = call(CREATE_TOPICS, 4, body -> {
      body.writeInt(1);
      writeString(body, topic);
      body.writeInt(partitions);
      body.writeShort(1);
      body.writeInt(0); // assignments
      body.writeInt(0); // settings
      body.writeInt(MILLIS);
      body.writeBoolean(false);
    });
    answer.readInt(); // throttled for
    answer.readInt(); // topics: the one
    readString(answer);
    int error = answer.readShort();
    String message = readString(answer);
    if (error != 0) {
      throw new IOException("error " + error + (message.isEmpty() ? "" : ", " + message));
    }
  }

  /** How many partitions of a topic have a leader, as far as the broker knows. */
  int led(String topic) throws IOException {
    DataInputStream answer = call(METADATA, 2, body -> {
      body.writeInt(1);
      writeString(body, topic);
    });
    skipBrokers(answer);
    readString(answer); // cluster
    answer.readInt(); // controller
    answer.readInt(); // topics: the one
    answer.readShort();
    readString(answer);
    answer.readBoolean(); // internal
    int led = 0;
    for (int i = answer.readInt(); i > 0; i--) {
      int error = answer.readShort();
      answer.readInt(); // partition
      int leader = answer.readInt();
      answer.skipNBytes((long) Integer.BYTES * answer.readInt()); // replicas
      answer.skipNBytes((long) Integer.BYTES * answer.readInt()); // in sync
      if (error == 0 && leader >= 0) {
        led++;
      }
    }
    return led;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static int skipBrokers(DataInputStream answer) throws IOException {
    int brokers = answer.readInt();
    for (int i = 0; i < brokers; i++) {
      answer.readInt();
      readString(answer); // host
      answer.readInt();
      readString(answer); // rack
    }
    return brokers;
  }

  private DataInputStream call(int api, int version, Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream request = new DataOutputStream(bytes);
    request.writeShort(api);
    request.writeShort(version);
    request.writeInt(0); // correlation
    writeString(request, "local-servers");
    body.write(request);
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(bytes.size());
    bytes.writeTo(out);
    out.flush();
    DataInputStream in = new DataInputStream(socket.getInputStream());
    in.readInt(); // size
    in.readInt(); // correlation
    return in;
  }

  private static void writeString(DataOutputStream out, String value) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private static String readString(DataInputStream in) throws IOException {
    int length = in.readShort();
    return length < 0 ? "" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }
}
