/** Event envelope, outbox, inbox, consumers. */
package dev.msk.messaging;
