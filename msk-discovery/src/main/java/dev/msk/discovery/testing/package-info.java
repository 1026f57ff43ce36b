/**
 * For tests: {@link dev.msk.discovery.testing.InMemoryRegistry} stands in for a registry; an adapter's test class extends the
 * contracts.
 */
package dev.msk.discovery.testing;
