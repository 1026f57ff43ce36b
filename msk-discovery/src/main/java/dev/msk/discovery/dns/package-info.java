/** DNS: SRV records, or addresses with a port; needs dnsjava. Open {@link dev.msk.discovery.dns.DnsSource}. */
package dev.msk.discovery.dns;
