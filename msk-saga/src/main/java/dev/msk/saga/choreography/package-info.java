/**
 * Sagas without a coordinator: services that react to each other's events. Open {@link
 * dev.msk.saga.choreography.Participant} first, then {@link dev.msk.saga.choreography.Choreography}; {@link
 * dev.msk.saga.choreography.Watch} sees flows that stopped half way.
 */
package dev.msk.saga.choreography;
