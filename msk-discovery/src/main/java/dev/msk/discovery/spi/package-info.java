/**
 * What an adapter to a registry implements: {@link dev.msk.discovery.spi.DiscoverySource} to resolve, {@link
 * dev.msk.discovery.Registrar} to register.
 */
package dev.msk.discovery.spi;
