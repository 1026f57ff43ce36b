/**
 * What each service of the shop does alike, the "microservice chassis": settings from the
 * environment, threads, identity, registry, database pool, telemetry, probes, and the way a process
 * starts and ends. Open {@link dev.msk.examples.chassis.ServiceMain}.
 *
 * @see <a href="https://microservices.io/patterns/microservice-chassis.html">Microservice chassis</a>
 */
package dev.msk.examples.chassis;
