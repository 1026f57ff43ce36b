package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with the socket below it, which can be closed under a thread that writes to it: a broker that does not read holds up
 * that thread, and whoever would close in order too.
 *
 * @param generation of the TLS identity
 */
record OpenConnection(
    Connection connection, AtomicReference<@Nullable Socket> socket, long generation) {

  private static final Logger log = LoggerFactory.getLogger(OpenConnection.class);
  private static final int CLOSE_MILLIS = 2_000;

  Channel channel() {
    try {
      Channel channel = connection.createChannel();
      if (channel == null) {
        throw new RabbitMqException("channel: none left of " + connection.getChannelMax()
            + " (expected: a larger channel_max)");
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      throw e instanceof RabbitMqException ours
          ? ours
          : RabbitMqException.of("channel", e, "an open connection");
    }
  }

  /** In order: what was written before is read by the broker; within a bound. */
  void close() {
    try {
      connection.close(CLOSE_MILLIS);
    } catch (IOException | RuntimeException e) {
      log.debug("RabbitMQ: connection was not closed in order: {}", e.toString());
    } finally {
      cut();
    }
  }

  /** At once. Idempotent; from any thread. */
  void cut() {
    Socket open = socket.get();
    if (open == null || open.isClosed()) {
      return;
    }
    try {
      // With TLS, an end in order would wait for the thread that writes.
      open.setSoLinger(true, 0);
      open.close();
    } catch (IOException e) {
      log.debug("RabbitMQ: socket was closed already: {}", e.toString());
    }
  }
}
