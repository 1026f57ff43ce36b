/** What is known about the blocks of msk-messaging: {@link dev.msk.observability.messaging.RelayCheck}. Needs msk-messaging. */
package dev.msk.observability.messaging;
