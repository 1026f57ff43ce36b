/** JUnit Jupiter: {@link dev.msk.localservers.junit.WithServers} shares servers between test classes. */
package dev.msk.localservers.junit;
