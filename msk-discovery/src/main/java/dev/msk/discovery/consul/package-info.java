/** HashiCorp Consul without its client; needs jackson-databind. Open {@link dev.msk.discovery.consul.ConsulRegistry}. */
package dev.msk.discovery.consul;
