/**
 * Where blocks that need identity meet the block that has it: {@link dev.msk.core.security.TlsSource}, {@link
 * dev.msk.core.security.CredentialSource}, {@link dev.msk.core.security.Authorizer}, and cryptography over bytes.
 * msk-security offers them, the others take them, and neither knows the other.
 */
package dev.msk.core.security;
