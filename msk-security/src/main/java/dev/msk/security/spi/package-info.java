/**
 * What others implement: {@link dev.msk.security.spi.ApiKeyStore}, a store of API keys, and {@link
 * dev.msk.security.spi.TlsMaterialSource}, from where TLS identities come.
 */
package dev.msk.security.spi;
