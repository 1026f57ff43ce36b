package dev.msk.saga;

import java.util.List;

/**
 * What became of the migration of all sagas of a version that had not ended.
 *
 * @param migrated how many follow the new version now
 * @param left how many do not
 * @param refused those that do not, and why, the newest first; the first 1,000
 */
public record MigrationReport(int migrated, int left, List<MigrationResult> refused) {

  /**
   * Copies the list.
   *
   * @param migrated how many follow the new version now
   * @param left how many do not
   * @param refused those, and why
   */
  public MigrationReport {
    refused = List.copyOf(refused);
  }
}
