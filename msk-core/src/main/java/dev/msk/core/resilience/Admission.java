package dev.msk.core.resilience;

/** The answer to a call that has come in: it is {@link Admitted}, or it is {@link Refused}. */
public sealed interface Admission permits Admitted, Refused {}
