/**
 * A gateway, two services and a consumer that know at each step who calls and for whom, with Keycloak as identity provider.
 *
 * <p>Open {@link dev.msk.examples.keycloak.Gateway} first, where users come in.
 */
package dev.msk.examples.keycloak;
