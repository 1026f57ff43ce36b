package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Stage;

/** A part of the story: does something to the stage and says what became of it. */
public interface Chapter {

  /**
   * What the chapter is about.
   *
   * @return one line
   */
  String title();

  /**
   * Plays it.
   *
   * @param stage servers and services, all running; to be left like that
   * @throws dev.msk.examples.demo.FalseClaimException when the databases say otherwise
   * @throws Exception when anything else fails
   */
  void play(Stage stage) throws Exception;
}
