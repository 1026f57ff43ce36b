package dev.msk.security.testing;

import dev.msk.security.spi.ApiKeyStore;

final class InMemoryApiKeyStoreTest extends ApiKeyStoreContract {

  @Override
  protected ApiKeyStore emptyStore() {
    return InMemoryApiKeyStore.create();
  }
}
