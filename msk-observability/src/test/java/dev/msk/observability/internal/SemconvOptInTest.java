package dev.msk.observability.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SemconvOptInTest {

  private final Logger logger =
      (Logger) LoggerFactory.getLogger("dev.msk.observability.MskTelemetry");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void newNames_areWhatWeSayAnyway() {
    for (String value :
        new String[] {null, "", "rpc", "messaging", "http, database,rpc", "gen_ai/dup"}) {
      SemconvOptIn.of(value).warnOfOldNames();
    }

    assertThat(lines.list).isEmpty();
  }

  @Test
  void oldNames_areSaidToBeMissing() {
    SemconvOptIn.of("http, messaging/dup , rpc/dup").warnOfOldNames();

    assertThat(lines.list).singleElement().satisfies(line -> {
      assertThat(line.getLevel()).isEqualTo(Level.WARN);
      assertThat(line.getFormattedMessage())
          .isEqualTo("OTEL_SEMCONV_STABILITY_OPT_IN: [messaging/dup, rpc/dup] ask for old names, "
              + "which MSK never had; it reports the newest ones alone");
    });
  }
}
