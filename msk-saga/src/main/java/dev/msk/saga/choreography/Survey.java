package dev.msk.saga.choreography;

import java.util.Map;

/**
 * What gauges show: how many instances there are and what is kept for them, and by how many seconds the timer is late that should have
 * fired first.
 */
record Survey(Map<Group, Long> count, Map<Group, Long> kept, Map<String, Double> late) {

  static final Survey NONE = new Survey(Map.of(), Map.of(), Map.of());

  record Group(String participant, InstanceStatus status) {}

  Survey {
    count = Map.copyOf(count);
    kept = Map.copyOf(kept);
    late = Map.copyOf(late);
  }
}
