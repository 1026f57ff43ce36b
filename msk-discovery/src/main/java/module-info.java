/** Discovery: registries, load balancing, clients that use them, weighted rollouts. */
@org.jspecify.annotations.NullMarked
module dev.msk.discovery {
  requires static org.jspecify;
  requires dev.msk.core;
}
