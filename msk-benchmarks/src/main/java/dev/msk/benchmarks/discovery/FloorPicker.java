package dev.msk.benchmarks.discovery;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Two instances drawn, the one with fewer calls, and a counter that goes up and down. */
final class FloorPicker implements Picker {

  private final AtomicInteger[] loads;

  FloorPicker(int instances) {
    loads = Stream.generate(AtomicInteger::new).limit(instances).toArray(AtomicInteger[]::new);
  }

  @Override
  public Object call() {
    AtomicInteger load = pick();
    load.incrementAndGet();
    load.decrementAndGet();
    return load;
  }

  private AtomicInteger pick() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int first = random.nextInt(loads.length);
    int second = random.nextInt(loads.length - 1);
    AtomicInteger a = loads[first];
    AtomicInteger b = loads[second < first ? second : second + 1];
    return b.get() < a.get() ? b : a;
  }

  /** The same with a latency that is measured. */
  static final class Timed implements Picker {

    private final FloorPicker picker;

    Timed(int instances) {
      this.picker = new FloorPicker(instances);
    }

    @Override
    public Object call() {
      long start = System.nanoTime();
      Object instance = picker.call();
      long took = System.nanoTime() - start;
      return took < 0 ? this : instance;
    }
  }
}
