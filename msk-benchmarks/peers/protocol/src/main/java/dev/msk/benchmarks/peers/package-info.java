/** Peers of the messaging path, each in a process of its own. */
@org.jspecify.annotations.NullMarked
package dev.msk.benchmarks.peers;
