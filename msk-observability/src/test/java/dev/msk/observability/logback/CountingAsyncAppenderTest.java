package dev.msk.observability.logback;

import static dev.msk.observability.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Logback with an asynchronous appender, configured as people configure it, whose target stands still until it may go on. */
final class CountingAsyncAppenderTest {

  private final LoggerContext context = new LoggerContext();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void stop() {
    if (context.isStarted()) {
      target().goOn.countDown();
    }
    context.stop();
  }

  @Test
  void linesDroppedBelowTheThreshold_areCounted_andWarningsAreKept() throws Exception {
    configure("<queueSize>100</queueSize><discardingThreshold>20</discardingThreshold>");
    Logger log = context.getLogger("shop");
    log.info("first"); // is taken out of the queue by the thread that writes
    assertThat(target().reached.await(30, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 500; i++) {
      log.info("line {}", i);
    }
    log.warn("warned");

    double dropped = 500 - 81; // 81 leave 19 places, which is below 20
    assertThat(count()).isEqualTo(dropped);
    target().goOn.countDown();
    eventually("written", () -> target().list.size() == 1 + 81 + 1);
    assertThat(count()).isEqualTo(dropped);
  }

  @Test
  void linesThatFindTheQueueFull_areCounted_whatTheirLevel() throws Exception {
    configure("<queueSize>10</queueSize><discardingThreshold>0</discardingThreshold>"
        + "<neverBlock>true</neverBlock>");
    Logger log = context.getLogger("shop");
    log.info("first");
    assertThat(target().reached.await(30, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 25; i++) {
      log.error("line {}", i);
    }

    assertThat(count()).isEqualTo(15);
    target().goOn.countDown();
    eventually("written", () -> target().list.size() == 11);
  }

  @Test
  void whatWasWritten_andDropped_isAllThatWasLogged_fromManyThreads() throws Exception {
    configure("<queueSize>16</queueSize><discardingThreshold>0</discardingThreshold>"
        + "<neverBlock>true</neverBlock>");
    target().goOn.countDown();
    Logger log = context.getLogger("shop");

    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] = new Thread(() -> {
        for (int i = 0; i < 10_000; i++) {
          log.info("line {}", i);
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    eventually("all accounted for", () -> target().list.size() + (long) count() == 40_000);
  }

  @Test
  void roomForAll_dropsNone() throws Exception {
    configure("");
    target().goOn.countDown();
    context.getLogger("shop").info("hello");

    eventually("written", () -> target().list.size() == 1);
    assertThat(count()).isZero();
  }

  @Test
  void reconfiguredLogback_countsItsNewAppenders() throws Exception {
    configure("<queueSize>10</queueSize><neverBlock>true</neverBlock>");
    target().goOn.countDown();
    assertThat(count()).isZero();

    context.reset();
    configure("<queueSize>10</queueSize><discardingThreshold>0</discardingThreshold>"
        + "<neverBlock>true</neverBlock>");
    Logger log = context.getLogger("shop");
    log.info("first");
    assertThat(target().reached.await(30, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 12; i++) {
      log.info("line {}", i);
    }

    assertThat(count()).isEqualTo(2);
  }

  private void configure(String settings) throws Exception {
    context.setMDCAdapter((LogbackMDCAdapter) MDC.getMDCAdapter());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(new ByteArrayInputStream(
        """
        <configuration>
          <appender name="TARGET" class="%s"/>
          <appender name="ASYNC" class="dev.msk.observability.logback.CountingAsyncAppender">
            %s
            <appender-ref ref="TARGET"/>
          </appender>
          <root level="INFO">
            <appender-ref ref="ASYNC"/>
          </root>
        </configuration>
        """.formatted(Stalling.class.getName(), settings).getBytes(StandardCharsets.UTF_8)));
    context.start();
    if (registry.find("msk.log.lines.dropped").functionCounter() == null) {
      assertThat(LogMeters.bindTo(registry, context)).containsExactly("ASYNC");
    }
    assertThat(context.getLogger("shop").getEffectiveLevel()).isEqualTo(Level.INFO);
  }

  private double count() {
    return registry
        .get("msk.log.lines.dropped")
        .tag("appender", "ASYNC")
        .functionCounter()
        .count();
  }

  private Stalling target() {
    CountingAsyncAppender appender =
        (CountingAsyncAppender) context.getLogger("ROOT").getAppender("ASYNC");
    return (Stalling) appender.getAppender("TARGET");
  }

  /** Keeps lines, each once it may go on. */
  public static final class Stalling extends ListAppender<ILoggingEvent> {

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    protected void append(ILoggingEvent event) {
      reached.countDown();
      try {
        goOn.await();
        super.append(event);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
