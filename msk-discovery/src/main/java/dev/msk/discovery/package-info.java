/**
 * Finding the instances of a service and choosing one. Open {@link dev.msk.discovery.ServiceDiscovery} first, then {@link
 * dev.msk.discovery.LoadBalancer}; {@link dev.msk.discovery.Registrar} is the other direction. The clients that use them are
 * in {@code dev.msk.discovery.http} and {@code dev.msk.discovery.grpc}.
 */
package dev.msk.discovery;
