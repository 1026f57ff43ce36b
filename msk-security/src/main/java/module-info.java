/** Security: tokens, TLS identity, access rules, rate limits, encryption, validation. */
@org.jspecify.annotations.NullMarked
module dev.msk.security {
  requires static org.jspecify;
  requires dev.msk.core;
}
