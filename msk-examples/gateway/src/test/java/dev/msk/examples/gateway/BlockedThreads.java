package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Hears what Vert.x says of event loops that wait. */
final class BlockedThreads implements AutoCloseable {

  private final Logger vertx = (Logger) LoggerFactory.getLogger("io.vertx");
  private final ListAppender<ILoggingEvent> heard = new ListAppender<>();

  BlockedThreads() {
    heard.start();
    vertx.addAppender(heard);
  }

  /** Fails if a thread was blocked. */
  @Override
  public void close() {
    vertx.detachAppender(heard);
    assertThat(List.copyOf(heard.list))
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(message -> message.contains("has been blocked"));
  }
}
