/**
 * Business steps that span services and end completed or compensated, whatever dies. Open {@link dev.msk.saga.SagaDefinition}
 * first, then {@link dev.msk.saga.SagaCoordinator}.
 */
package dev.msk.saga;
