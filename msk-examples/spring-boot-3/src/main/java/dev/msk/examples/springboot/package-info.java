/**
 * A Spring Boot service with JPA that gained an outbox. Open {@code OutboxConfiguration}, which is all that it took, then
 * {@code OrderService}, which publishes.
 */
package dev.msk.examples.springboot;
