/** The JDK's HTTP client, with names of services in place of hosts. Open {@link dev.msk.discovery.http.DiscoveringHttpClient}. */
package dev.msk.discovery.http;
