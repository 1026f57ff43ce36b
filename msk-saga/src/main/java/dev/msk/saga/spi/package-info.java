/** What a database behind sagas implements. Open {@link dev.msk.saga.spi.SagaStore} first. */
package dev.msk.saga.spi;
