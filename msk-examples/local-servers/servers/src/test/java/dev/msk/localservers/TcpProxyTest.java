package dev.msk.localservers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.TcpProxy.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
  private ServerSocket echo;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    ServerSocket socket = echo;
    new Thread(() -> serve(socket), "echo").start();
    proxy = TcpProxy.to("127.0.0.1", echo.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    echo.close();
    Await.until("end of its threads", () -> threads() == 0);
  }

  @Test
  void bytes_withoutFaults_passBothWays() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, "hello")).isEqualTo("hello");
      assertThat(proxy.connections()).isEqualTo(1);
    }
    Await.until("no connection", () -> proxy.connections() == 0);
  }

  @Test
  void end_ofOneDirection_leavesTheOther() throws IOException {
    try (Socket client = connect()) {
      client.getOutputStream().write("last".getBytes(UTF_8));
      client.shutdownOutput();

      assertThat(client.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("last");
    }
  }

  @Test
  void cut_resetsAndRefuses_untilRestore() throws IOException {
    try (Socket client = connect()) {
      ask(client, "before");

      proxy.cut();

      assertThatThrownBy(() -> ask(client, "after")).isInstanceOf(IOException.class);
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }

    proxy.restore();

    try (Socket client = connect()) {
      assertThat(ask(client, "again")).isEqualTo("again");
    }
  }

  @Test
  void delay_holdsEachAnswerBack() throws IOException {
    proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(200));

    try (Socket client = connect()) {
      long start = System.nanoTime();
      ask(client, "slow");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));

      proxy.restore();
      assertThat(ask(client, "fast")).isEqualTo("fast");
    }
  }

  @Test
  void stall_losesNothing() throws IOException {
    try (Socket client = connect()) {
      client.setSoTimeout(200);
      proxy.stall(Direction.TO_SERVER);
      assertThatThrownBy(() -> ask(client, "held")).isInstanceOf(SocketTimeoutException.class);

      proxy.restore();

      client.setSoTimeout(5000);
      assertThat(read(client, 4)).isEqualTo("held");
    }
  }

  @Test
  void halfOpen_answersNothing_thenResetsWhoLostBytes() throws IOException {
    try (Socket old = connect()) {
      assertThat(ask(old, "before")).isEqualTo("before");
      echo.close();
      proxy.halfOpen();

      try (Socket client = connect()) {
        for (Socket socket : new Socket[] {old, client}) {
          socket.setSoTimeout(200);
          assertThatThrownBy(() -> ask(socket, "lost")).isInstanceOf(SocketTimeoutException.class);
        }

        proxy.restore();

        client.setSoTimeout(5000);
        assertThatThrownBy(() -> read(client, 1)).isInstanceOf(SocketException.class);
      }
    }
  }

  @Test
  void dropBytes_losesThatMany() throws IOException {
    try (Socket client = connect()) {
      proxy.dropBytes(Direction.TO_SERVER, 3);
      client.getOutputStream().write("abcdef".getBytes(UTF_8));

      assertThat(read(client, 3)).isEqualTo("def");
    }
  }

  @Test
  void cutAfter_passesThatMany_thenResets_once() throws IOException {
    proxy.cutAfter(Direction.TO_SERVER, 4);

    try (Socket client = connect()) {
      client.getOutputStream().write("abcdef".getBytes(UTF_8));
      assertThatThrownBy(() -> read(client, 6)).isInstanceOf(IOException.class);
    }
    try (Socket client = connect()) {
      assertThat(ask(client, "abcdef")).isEqualTo("abcdef");
    }
  }

  @Test
  void connection_withoutServer_isReset() throws IOException {
    echo.close();

    try (Socket client = connect()) {
      assertThatThrownBy(() -> read(client, 1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void restore_afterClose_saysSo() {
    proxy.close();
    proxy.close();

    assertThatThrownBy(proxy::restore).isInstanceOf(LocalServerException.class);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(proxy.host(), proxy.port());
    socket.setSoTimeout(5000);
    return socket;
  }

  private static String ask(Socket client, String words) throws IOException {
    client.getOutputStream().write(words.getBytes(UTF_8));
    return read(client, words.length());
  }

  private static String read(Socket client, int bytes) throws IOException {
    byte[] answer = client.getInputStream().readNBytes(bytes);
    if (answer.length < bytes) {
      throw new IOException("ended after " + answer.length + " bytes");
    }
    return new String(answer, UTF_8);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tcp-proxy-"))
        .count();
  }

  private static void serve(ServerSocket socket) {
    while (true) {
      try {
        Socket client = socket.accept();
        new Thread(() -> echo(client), "echo-connection").start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void echo(Socket client) {
    try (client) {
      client.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // The proxy reset it.
    }
  }
}
