/** Event envelope, transactional outbox and inbox, consumers, brokers. */
@org.jspecify.annotations.NullMarked
module dev.msk.messaging {
  requires static org.jspecify;
  requires dev.msk.core;
}
