/** Kubernetes' EndpointSlices without its client; needs jackson-databind. Open {@link dev.msk.discovery.kubernetes.KubernetesSource}. */
package dev.msk.discovery.kubernetes;
