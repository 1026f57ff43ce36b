/** Peers of the suites, each in a process of its own. */
@org.jspecify.annotations.NullMarked
package dev.msk.benchmarks.peers;
