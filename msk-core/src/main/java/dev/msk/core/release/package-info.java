/**
 * What a roll-out has to know: {@link dev.msk.core.release.LiveVersions} tells which versions run, {@link
 * dev.msk.core.release.ReleaseJudge} whether the new one does well.
 */
package dev.msk.core.release;
