package dev.msk.benchmarks.observability;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.FileAppender;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.logback.CountingAsyncAppender;
import dev.msk.observability.logback.EcsEncoder;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * All that the demo's services tell of themselves: every span, sent by OTLP in batches once a second, meters for Prometheus, and ECS lines
 * to a file, written by a thread of its own.
 */
final class TelemetryOn implements AutoCloseable {

  private final OpenTelemetrySdk traces;
  private final PrometheusEndpoint metrics = PrometheusEndpoint.create();
  private final LoggerContext logs = new LoggerContext();
  private final Telemetry telemetry;

  private TelemetryOn(String endpoint, Path file) {
    this.traces = OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder()
            .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
            .addSpanProcessor(BatchSpanProcessor.builder(
                    OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build())
                .setScheduleDelay(Duration.ofSeconds(1))
                .build())
            .build())
        .build();
    this.telemetry = MskTelemetry.of(traces, metrics.registry());
    writeTo(file);
  }

  /** Spans to an endpoint, lines to the end of a file. */
  static TelemetryOn start(String endpoint, Path file) {
    return new TelemetryOn(endpoint, file);
  }

  private void writeTo(Path file) {
    logs.setMDCAdapter(new LogbackMDCAdapter());
    EcsEncoder encoder = new EcsEncoder();
    encoder.setServiceName("orders");
    encoder.setContext(logs);
    encoder.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(logs);
    appender.setEncoder(encoder);
    appender.setFile(file.toString());
    appender.start();
    CountingAsyncAppender queue = new CountingAsyncAppender();
    queue.setContext(logs);
    queue.setName("queue");
    queue.setNeverBlock(true);
    queue.setQueueSize(8_192);
    queue.addAppender(appender);
    queue.start();
    Logger root = logs.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(queue);
  }

  Telemetry telemetry() {
    return telemetry;
  }

  org.slf4j.Logger log() {
    return logs.getLogger(OrderServer.class);
  }

  /** As Prometheus reads it. */
  String scrape() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
  }

  /** Sends what is left. */
  @Override
  public void close() {
    traces.close();
    logs.stop();
    metrics.registry().close();
  }
}
