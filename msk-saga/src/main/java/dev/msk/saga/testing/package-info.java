/** For tests: {@link dev.msk.saga.testing.SagaTestKit} for those of sagas, the suites that every saga store passes, and one in memory. */
package dev.msk.saga.testing;
