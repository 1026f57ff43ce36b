/** A class for each chapter. To add one, implement {@link dev.msk.examples.demo.chapters.Chapter} and name it in {@code Demo}. */
package dev.msk.examples.demo.chapters;
