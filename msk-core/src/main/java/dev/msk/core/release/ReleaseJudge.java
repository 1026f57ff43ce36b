package dev.msk.core.release;

import java.util.Map;

/** Compares a new version of a service with the one that it is to replace. Thread-safe. */
@FunctionalInterface
public interface ReleaseJudge {

  /**
   * Judges by what has been seen lately.
   *
   * @param service name of the service
   * @param candidate the new version
   * @param baseline the version that runs beside it
   * @return pass, fail or inconclusive; too little traffic is never a pass
   */
  Verdict judge(String service, String candidate, String baseline);

  /** What the judge says, and the figures that it looked at. */
  sealed interface Verdict {

    /**
     * The figures, for the audit record.
     *
     * @return from the name of a figure to its value
     */
    Map<String, Double> figures();
  }

  /**
   * The candidate does as well as the baseline.
   *
   * @param figures what it rests on
   */
  record Pass(Map<String, Double> figures) implements Verdict {}

  /**
   * The candidate does worse.
   *
   * @param reason in what it does worse
   * @param figures what it rests on
   */
  record Fail(String reason, Map<String, Double> figures) implements Verdict {}

  /**
   * Nobody can tell yet.
   *
   * @param reason what is missing
   * @param figures what there is
   */
  record Inconclusive(String reason, Map<String, Double> figures) implements Verdict {}
}
