/** Sagas, orchestrated and choreographed. */
@org.jspecify.annotations.NullMarked
module dev.msk.saga {
  requires static org.jspecify;
  requires dev.msk.core;
  requires dev.msk.messaging;
}
