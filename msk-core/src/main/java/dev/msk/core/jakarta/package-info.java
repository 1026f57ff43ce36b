/** Transactions of Jakarta EE and Quarkus. Open {@link dev.msk.core.jakarta.JakartaTransactions}. */
package dev.msk.core.jakarta;
