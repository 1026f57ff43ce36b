/** What a store of API keys implements: {@link dev.msk.security.spi.ApiKeyStore}. */
package dev.msk.security.spi;
