/** Metrics and probes in Vert.x: {@link dev.msk.observability.vertx.VertxEndpoints}. Needs {@code io.vertx:vertx-core}, version 5. */
package dev.msk.observability.vertx;
