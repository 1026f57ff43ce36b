/** Vert.x behind a door: {@link dev.msk.security.vertx.VertxSecurity}. Needs {@code io.vertx:vertx-core}, version 5. */
package dev.msk.security.vertx;
