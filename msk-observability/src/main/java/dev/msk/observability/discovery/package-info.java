/** What is known about the services that this process calls: {@link dev.msk.observability.discovery.InstancesCheck}. Needs msk-discovery. */
package dev.msk.observability.discovery;
