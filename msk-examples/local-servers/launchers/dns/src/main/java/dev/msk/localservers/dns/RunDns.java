package dev.msk.localservers.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.xbill.DNS.Message;

/** Runs one authoritative name server by UDP and TCP, on one port of 127.0.0.1, until SIGTERM. */
public final class RunDns {
  private static final int IDLE_MILLIS = 30_000;

  private final Responder responder;
  private final ExecutorService connections = Executors.newCachedThreadPool();

  private RunDns(Responder responder) {
    this.responder = responder;
  }

  /**
   * Starts it.
   *
   * @param args the port, and the folder with {@code zone}, a master file, and {@code faults}; both may change at any time
   */
  public static void main(String[] args) {
    try {
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
      Path folder = Path.of(args[1]);
      Faults faults = new Faults(folder.resolve("faults"));
      RunDns dns = new RunDns(new Responder(new ZoneFile(folder.resolve("zone")), faults));
      dns.serve(new DatagramSocket(address), listener(address));
      System.out.println("listening on " + address.getPort());
    } catch (Throwable e) {
      halt(e);
    }
  }

  private static ServerSocket listener(InetSocketAddress address) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.bind(address);
    return socket;
  }

  private void serve(DatagramSocket udp, ServerSocket tcp) {
    start("udp", () -> {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[Message.MAXLENGTH], Message.MAXLENGTH);
        udp.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        responder.respond(
            "udp",
            query,
            answer ->
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress())));
      }
    });
    start("tcp", () -> {
      while (true) {
        Socket client = tcp.accept();
        connections.execute(() -> serve(client));
      }
    });
  }

  /** RFC 1035, section 4.2.2: two bytes of length before each message. Queries may follow one another. */
  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout(IDLE_MILLIS);
      client.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      while (true) {
        byte[] query = in.readNBytes(in.readUnsignedShort());
        responder.respond("tcp", query, answer -> {
          byte[] framed = new byte[answer.length + 2];
          framed[0] = (byte) (answer.length >> 8);
          framed[1] = (byte) answer.length;
          System.arraycopy(answer, 0, framed, 2, answer.length);
          out.write(framed);
        });
      }
    } catch (EOFException | SocketTimeoutException e) {
      // The client has no more to ask.
    } catch (IOException e) {
      System.out.println("connection: " + e);
    }
  }

  private interface Loop {
    void run() throws IOException;
  }

  /** One that ends is a server that is half there: better none. */
  private static void start(String name, Loop loop) {
    Runnable body = () -> {
      try {
        loop.run();
      } catch (Throwable e) {
        halt(e);
      }
    };
    new Thread(body, name).start();
  }

  private static void halt(Throwable e) {
    e.printStackTrace();
    Runtime.getRuntime().halt(1);
  }
}
