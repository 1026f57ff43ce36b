/** jOOQ's own transactions. Open {@link dev.msk.core.jooq.JooqTransactions}. */
package dev.msk.core.jooq;
