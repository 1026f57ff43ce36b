package dev.msk.benchmarks.observability;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import dev.msk.observability.logback.EcsEncoder;
import net.logstash.logback.encoder.LogstashEncoder;

/** Encoders of JSON lines for one service, as their documents configure them. */
final class Encoders {

  private static final String SERVICE = "orders";
  private static final String VERSION = "1.4.2";
  private static final String ENVIRONMENT = "production";

  private Encoders() {}

  static Encoder<ILoggingEvent> of(String contender, LoggerContext context) {
    Encoder<ILoggingEvent> encoder = switch (contender) {
      case "ours" -> ours();
      case "ecs" -> ecs();
      case "logstash" -> logstash();
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  private static EcsEncoder ours() {
    EcsEncoder encoder = new EcsEncoder();
    encoder.setServiceName(SERVICE);
    encoder.setServiceVersion(VERSION);
    encoder.setServiceEnvironment(ENVIRONMENT);
    return encoder;
  }

  private static co.elastic.logging.logback.EcsEncoder ecs() {
    co.elastic.logging.logback.EcsEncoder encoder = new co.elastic.logging.logback.EcsEncoder();
    encoder.setServiceName(SERVICE);
    encoder.setServiceVersion(VERSION);
    encoder.setServiceEnvironment(ENVIRONMENT);
    return encoder;
  }

  private static LogstashEncoder logstash() {
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setCustomFields("{\"service.name\":\"" + SERVICE + "\",\"service.version\":\"" + VERSION
        + "\",\"service.environment\":\"" + ENVIRONMENT + "\"}");
    return encoder;
  }
}
