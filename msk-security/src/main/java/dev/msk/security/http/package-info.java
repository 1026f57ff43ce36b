/** Tokens at the door of an HTTP server of any make: {@link dev.msk.security.http.BearerAuthentication}. */
package dev.msk.security.http;
