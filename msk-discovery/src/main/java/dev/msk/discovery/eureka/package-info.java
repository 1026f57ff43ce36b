/** Netflix Eureka without its client; needs jackson-databind. Open {@link dev.msk.discovery.eureka.EurekaRegistry}. */
package dev.msk.discovery.eureka;
