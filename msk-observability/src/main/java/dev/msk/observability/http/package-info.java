/** HTTP requests by OpenTelemetry's stable conventions, for any server or client: {@link dev.msk.observability.http.HttpTelemetry}. */
package dev.msk.observability.http;
