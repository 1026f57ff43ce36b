/**
 * An issuer of tokens and an authority for certificates, for tests and demonstrations: {@link
 * dev.msk.security.testing.TestIdp}, {@link dev.msk.security.testing.TestCa}. Their keys live in this process only.
 */
package dev.msk.security.testing;
