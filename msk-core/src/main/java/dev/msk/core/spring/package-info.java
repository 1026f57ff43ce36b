/** Spring's transactions. Open {@link dev.msk.core.spring.SpringTransactions}. */
package dev.msk.core.spring;
