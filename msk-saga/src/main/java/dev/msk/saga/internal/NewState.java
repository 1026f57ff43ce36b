package dev.msk.saga.internal;

import org.jspecify.annotations.Nullable;

/** The saga's next state, encoded; null when it is the one before. */
record NewState(byte @Nullable [] bytes) {}
