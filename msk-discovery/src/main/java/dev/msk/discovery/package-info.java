/** Will hold registries, load balancing, the gRPC and HTTP clients that use them, and weighted rollouts. */
package dev.msk.discovery;
