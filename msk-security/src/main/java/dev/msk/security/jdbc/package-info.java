/** API keys in a database: {@link dev.msk.security.jdbc.JdbcApiKeyStore}. */
package dev.msk.security.jdbc;
