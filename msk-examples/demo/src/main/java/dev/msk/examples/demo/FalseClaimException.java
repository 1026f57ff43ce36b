package dev.msk.examples.demo;

import java.util.List;

/** The story said something that the databases do not confirm. */
public final class FalseClaimException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 5;

  FalseClaimException(String claim, List<String> violations) {
    super(claim + ": "
        + String.join("; ", violations.subList(0, Math.min(SHOWN, violations.size())))
        + (violations.size() > SHOWN ? "; and " + (violations.size() - SHOWN) + " more" : ""));
  }
}
