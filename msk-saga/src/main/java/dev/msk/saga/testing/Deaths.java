package dev.msk.saga.testing;

import java.util.HashSet;
import java.util.Set;

/** When nodes die. Confined to one thread. */
abstract class Deaths {

  private boolean happened;

  /** Whether the node dies before this commit of its work; {@code place} is the same until something was written. */
  abstract boolean before(int commit, long place);

  abstract boolean after(int commit);

  final boolean happened() {
    return happened;
  }

  final boolean diesBefore(int commit, long place) {
    boolean dies = before(commit, place);
    happened |= dies;
    return dies;
  }

  final boolean diesAfter(int commit) {
    boolean dies = after(commit);
    happened |= dies;
    return dies;
  }

  static Deaths none() {
    return new AtCommit(-1, true);
  }

  /** At the next commit. */
  static Deaths once(boolean before) {
    return new Next(before);
  }

  /** At one commit. */
  static Deaths at(int commit, boolean before) {
    return new AtCommit(commit, before);
  }

  /** Once before each commit. */
  static Deaths atEach() {
    return new AtEach();
  }

  private static final class AtCommit extends Deaths {

    private final int which;
    private final boolean dieBefore;

    AtCommit(int which, boolean dieBefore) {
      this.which = which;
      this.dieBefore = dieBefore;
    }

    @Override
    boolean before(int commit, long place) {
      return dieBefore && commit == which && !happened();
    }

    @Override
    boolean after(int commit) {
      return !dieBefore && commit == which && !happened();
    }

    @Override
    public String toString() {
      return "dead " + (dieBefore ? "before" : "after") + " commit " + (which + 1);
    }
  }

  private static final class Next extends Deaths {

    private final boolean dieBefore;

    Next(boolean dieBefore) {
      this.dieBefore = dieBefore;
    }

    @Override
    boolean before(int commit, long place) {
      return dieBefore && !happened();
    }

    @Override
    boolean after(int commit) {
      return !dieBefore && !happened();
    }
  }

  private static final class AtEach extends Deaths {

    private final Set<Long> died = new HashSet<>();

    @Override
    boolean before(int commit, long place) {
      return died.add(place);
    }

    @Override
    boolean after(int commit) {
      return false;
    }
  }
}
