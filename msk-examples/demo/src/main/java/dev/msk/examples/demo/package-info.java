/**
 * Plays the story of an order on real servers and checks every claim. Open {@link
 * dev.msk.examples.demo.Demo}, then a chapter.
 */
package dev.msk.examples.demo;
