/**
 * Observability: what the blocks tell {@code Telemetry} as OpenTelemetry spans and Micrometer meters, health, and log lines.
 *
 * <p>Prometheus, gRPC, Servlets, Vert.x, Logback and the other blocks are optional: each is needed by the package named after it only,
 * OpenTelemetry's SDK by {@code tail}, YAML by {@code rules} and {@code slo}, and the JDK's HTTP server by {@code HttpServerEndpoints}.
 */
@org.jspecify.annotations.NullMarked
module dev.msk.observability {
  requires static org.jspecify;
  requires transitive dev.msk.core;
  requires transitive io.opentelemetry.api;
  requires transitive io.opentelemetry.context;
  requires transitive micrometer.core;
  requires micrometer.commons;
  requires io.opentelemetry.common;
  requires com.fasterxml.jackson.core;
  requires java.management;
  requires org.slf4j;
  requires HdrHistogram;
  requires static com.google.protobuf;
  requires static dev.msk.discovery;
  requires static dev.msk.messaging;
  requires static dev.msk.saga;
  requires static dev.msk.security;
  requires static io.grpc;
  requires static io.grpc.services;
  requires static io.grpc.stub;
  requires static io.vertx.core;
  requires static jakarta.servlet;
  requires static jdk.httpserver;
  requires static io.opentelemetry.sdk.common;
  requires static io.opentelemetry.sdk.trace;
  requires static micrometer.registry.prometheus;
  requires static io.prometheus.metrics.tracer.common;
  requires static io.prometheus.metrics.model;
  requires static ch.qos.logback.classic;
  requires static ch.qos.logback.core;
  requires static org.snakeyaml.engine;

  exports dev.msk.observability;
  exports dev.msk.observability.discovery;
  exports dev.msk.observability.grafana;
  exports dev.msk.observability.grpc;
  exports dev.msk.observability.health;
  exports dev.msk.observability.http;
  exports dev.msk.observability.logback;
  exports dev.msk.observability.messaging;
  exports dev.msk.observability.prometheus;
  exports dev.msk.observability.release;
  exports dev.msk.observability.rules;
  exports dev.msk.observability.saga;
  exports dev.msk.observability.security;
  exports dev.msk.observability.servlet;
  exports dev.msk.observability.slo;
  exports dev.msk.observability.tail;
  exports dev.msk.observability.vertx;
}
