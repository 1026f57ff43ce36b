/**
 * The suites that an adapter's test class extends: {@link dev.msk.messaging.testing.OutboxStoreContract}, {@link
 * dev.msk.messaging.testing.InboxStoreContract}, {@link dev.msk.messaging.testing.EventTransportContract}. Needs
 * junit-jupiter-api and assertj-core.
 */
package dev.msk.messaging.testing;
