package dev.msk.saga.choreography;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** How a participant takes a timer that ran down. */
record TimeoutRule<S>(String timer, UnaryOperator<S> evolve, Function<S, List<Effect>> react) {}
