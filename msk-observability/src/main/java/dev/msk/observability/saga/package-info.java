/** What {@code msk-saga} keeps in its database that somebody must see: {@link dev.msk.observability.saga.StuckSagas}. */
package dev.msk.observability.saga;
