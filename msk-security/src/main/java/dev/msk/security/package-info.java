/**
 * Who calls, for whom, and whether they may. Start with {@link dev.msk.security.TokenVerifier} for tokens, {@link
 * dev.msk.security.TlsIdentity} for mutual TLS, and {@link dev.msk.security.AccessRules} for the decision.
 */
package dev.msk.security;
