package dev.msk.core.security;

import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a caller, on behalf of a subject, may do something. Denies what no rule allows. Thread-safe, does
 * not block, throws nothing.
 */
@FunctionalInterface
public interface Authorizer {

  /**
   * Decides.
   *
   * @param access who wants to do what
   * @return allowed or denied, and by which rule
   */
  Decision decide(Access access);

  /**
   * Who wants to do what.
   *
   * @param caller the workload that calls, for instance its SPIFFE id; empty when it is not known
   * @param subject the person or account on whose behalf it calls; empty when there is none
   * @param action what is to be done, for instance {@code stock.Reserve/reserve} or {@code POST}
   * @param resource on what, for instance {@code /orders/4711}
   * @param attributes whatever else rules look at, for instance {@code scope}
   */
  record Access(
      Optional<String> caller,
      Optional<String> subject,
      String action,
      String resource,
      Map<String, String> attributes) {

    /**
     * Keeps a copy of the attributes.
     *
     * @param caller the workload that calls
     * @param subject on whose behalf
     * @param action what is to be done
     * @param resource on what
     * @param attributes whatever else rules look at
     */
    public Access {
      attributes = Map.copyOf(attributes);
    }
  }

  /**
   * The outcome.
   *
   * @param allowed whether it may
   * @param rule the rule that decided, for the audit record; {@code default} when none did
   */
  record Decision(boolean allowed, String rule) {}
}
