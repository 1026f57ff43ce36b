package dev.msk.saga.internal;

/** What an operator can have done to a saga that is stuck. */
public enum OperatorAct {
  RETRY,
  SKIP,
  COMPENSATE,
  ABANDON
}
