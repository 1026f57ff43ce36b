package dev.msk.saga;

/** The output of a step that has none. */
public enum Nothing {
  /** The only one. */
  NOTHING
}
