package dev.msk.saga.internal;

import dev.msk.saga.internal.SimulatedSteps.Doom;
import dev.msk.saga.internal.SimulatedSteps.Kind;
import dev.msk.saga.internal.SimulatedSteps.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What a deploy makes of a definition: by chance one step more, one less, or one under another name. {@code renamed} says where a saga goes
 * on that has not tried that one.
 */
record NextVersion(List<Step> steps, Map<String, String> renamed) {

  static NextVersion of(List<Step> before, RandomGenerator random) {
    List<Step> steps = new ArrayList<>(before);
    Map<String, String> renamed = new HashMap<>();
    if (random.nextInt(3) == 0) {
      int which = random.nextInt(steps.size());
      Step old = steps.get(which);
      steps.set(which, new Step("renamed", old.kind(), old.pivot(), old.compensated(), old.doom()));
      renamed.put(old.name(), "renamed");
    }
    if (random.nextInt(3) == 0 && steps.size() > 1) {
      steps.remove(random.nextInt(steps.size()));
    }
    if (random.nextInt(3) == 0) {
      int where = random.nextInt(steps.size() + 1);
      Kind kind = List.of(Kind.LOCAL, Kind.REMOTE, Kind.COMMAND).get(random.nextInt(3));
      boolean afterPivot = steps.subList(0, where).stream().anyMatch(Step::pivot);
      steps.add(
          where, new Step("new", kind, false, !afterPivot && random.nextBoolean(), Doom.NONE));
    }
    renamed
        .values()
        .removeIf(name -> steps.stream().noneMatch(step -> step.name().equals(name)));
    return new NextVersion(List.copyOf(steps), Map.copyOf(renamed));
  }
}
