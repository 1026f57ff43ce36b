/**
 * TLS identities from the SPIFFE Workload API, as SPIRE's agents and others serve it: {@link
 * dev.msk.security.spiffe.SpiffeWorkloadApi}.
 */
package dev.msk.security.spiffe;
