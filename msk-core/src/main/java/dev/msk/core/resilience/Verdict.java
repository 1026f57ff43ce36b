package dev.msk.core.resilience;

/** What follows from the outcome of an attempt: another one {@link RetryAfter} a while, or it was the {@link Final} one. */
public sealed interface Verdict permits RetryAfter, Final {}
