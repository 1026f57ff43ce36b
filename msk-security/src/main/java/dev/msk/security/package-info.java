/** Will hold token verification, TLS identity, access rules, rate limits, encryption and validation. */
package dev.msk.security;
