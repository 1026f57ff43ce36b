/**
 * The database, as every durable block uses it: the caller's transaction, our own tables and how they come to be, leases. Open
 * {@link dev.msk.core.jdbc.Transactor} first.
 */
package dev.msk.core.jdbc;
