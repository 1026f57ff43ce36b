/**
 * Events as blocks that sign, judge or validate them see them: {@link dev.msk.core.event.EventInterceptor}. msk-messaging
 * calls them, msk-security and others offer them.
 */
package dev.msk.core.event;
