/**
 * Real servers on 127.0.0.1 as child processes, without Docker.
 *
 * <p>Open {@link dev.msk.localservers.PostgresServer} first. Everything here dies with this process,
 * however it dies.
 */
package dev.msk.localservers;
