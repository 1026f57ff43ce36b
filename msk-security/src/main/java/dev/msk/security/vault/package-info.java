/** TLS identities that Vault's PKI secrets engine signs: {@link dev.msk.security.vault.VaultPki}. */
package dev.msk.security.vault;
