/** Sagas in PostgreSQL. */
package dev.msk.saga.jdbc;
