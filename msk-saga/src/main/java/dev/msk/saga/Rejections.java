package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Which exceptions of an action are a definite no. */
final class Rejections {

  private final List<Predicate<Exception>> tests = new ArrayList<>();

  <X extends Exception> void add(Class<X> type, Predicate<? super X> when) {
    requireNonNull(type, "type");
    requireNonNull(when, "when");
    tests.add(e -> type.isInstance(e) && when.test(type.cast(e)));
  }

  boolean isEmpty() {
    return tests.isEmpty();
  }

  /** The action with its rejections told and its output applied; what {@code apply} throws is never a rejection. */
  <C, S, O> StepFunction<C, S, Outcome<S>> around(
      StepFunction<C, S, Outcome<O>> action, BiFunction<S, O, S> apply) {
    List<Predicate<Exception>> rejecting = List.copyOf(tests);
    return (context, state) -> {
      Outcome<O> outcome;
      try {
        outcome = action.apply(context, state);
      } catch (Exception e) {
        if (rejecting.stream().anyMatch(test -> test.test(e))) {
          return Outcome.rejected(e.toString());
        }
        throw e;
      }
      return applied(outcome, state, apply);
    };
  }

  static <S, O> Outcome<S> applied(Outcome<O> outcome, S state, BiFunction<S, O, S> apply) {
    if (outcome instanceof Outcome.Done<O> done) {
      return Outcome.done(apply.apply(state, done.output()));
    }
    if (outcome instanceof Outcome.Rejected<O> rejected) {
      return Outcome.rejected(rejected.reason());
    }
    if (outcome instanceof Outcome.Later<O> later) {
      return Outcome.later(later.delay());
    }
    return Outcome.unknown(((Outcome.Unknown<O>) outcome).cause());
  }
}
