/** Servlets behind a door: {@link dev.msk.security.servlet.ServletSecurity}. Needs {@code jakarta.servlet:jakarta.servlet-api}. */
package dev.msk.security.servlet;
