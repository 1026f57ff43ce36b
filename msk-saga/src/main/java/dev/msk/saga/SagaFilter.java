package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which sagas to list: those that meet every condition; without one, all.
 *
 * @param definition of all versions of which definition, null for any
 * @param keyPrefix with which the business key begins, empty for any
 * @param statuses where the saga is, empty for anywhere
 * @param before older than the saga of this id, null from the newest on: the last id of a page gives the next page
 */
public record SagaFilter(
    @Nullable String definition,
    String keyPrefix,
    Set<SagaStatus> statuses,
    @Nullable UUID before) {

  private static final SagaFilter ALL = new SagaFilter(null, "", Set.of(), null);

  /**
   * Copies the set.
   *
   * @param definition the name that all versions share
   * @param keyPrefix compared letter by letter
   * @param statuses empty for all
   * @param before by the time of their start
   */
  public SagaFilter {
    requireNonNull(keyPrefix, "keyPrefix");
    statuses = Set.copyOf(statuses);
  }

  /**
   * Every saga.
   *
   * @return a filter without a condition
   */
  public static SagaFilter all() {
    return ALL;
  }

  /**
   * Of one definition.
   *
   * @param name that all versions share
   * @return a filter with this condition too
   */
  public SagaFilter definition(String name) {
    return new SagaFilter(requireNonNull(name, "name"), keyPrefix, statuses, before);
  }

  /**
   * With business keys that begin so.
   *
   * @param prefix compared letter by letter
   * @return a filter with this condition too
   */
  public SagaFilter keyPrefix(String prefix) {
    return new SagaFilter(definition, prefix, statuses, before);
  }

  /**
   * In one of some states.
   *
   * @param some at least one
   * @return a filter with this condition too
   */
  public SagaFilter statuses(SagaStatus... some) {
    return new SagaFilter(definition, keyPrefix, Set.of(some), before);
  }

  /**
   * Begun before a saga.
   *
   * @param id the last one of a page
   * @return a filter for the next page
   */
  public SagaFilter before(UUID id) {
    return new SagaFilter(definition, keyPrefix, statuses, requireNonNull(id, "id"));
  }

  /**
   * Whether a saga meets the conditions but {@code before}.
   *
   * @param name of its definition
   * @param businessKey which it was started with
   * @param status where it is
   * @return true if it does
   */
  public boolean matches(String name, String businessKey, SagaStatus status) {
    return Optional.ofNullable(definition).map(name::equals).orElse(true)
        && businessKey.startsWith(keyPrefix)
        && (statuses.isEmpty() || statuses.contains(status));
  }
}
