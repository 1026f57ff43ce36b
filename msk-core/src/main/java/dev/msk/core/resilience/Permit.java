package dev.msk.core.resilience;

/** The answer to a call that wants to go out: an {@link Attempt} to make, or that it is {@link Refused}. */
public sealed interface Permit permits Attempt, Refused {}
