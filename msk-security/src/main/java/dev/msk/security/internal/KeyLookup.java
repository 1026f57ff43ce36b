package dev.msk.security.internal;

/** What a key cache knows of a token's key. */
public sealed interface KeyLookup {

  /**
   * The key.
   *
   * @param key of the name that the token gives
   */
  record Found(TokenKey key) implements KeyLookup {}

  /** The issuer has no such key, as far as we may ask at present. */
  record Unknown() implements KeyLookup {}

  /** The issuer's keys could not be had, or are too old to be trusted. */
  record Unavailable() implements KeyLookup {}
}
