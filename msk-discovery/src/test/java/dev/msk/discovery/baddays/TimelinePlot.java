package dev.msk.discovery.baddays;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Timelines as SVG: for each one the calls of each second and those that failed, and the age of the list; behind them what was done to the
 * registry.
 */
final class TimelinePlot {

  private static final int WIDTH = 960;
  private static final int LEFT = 56;
  private static final int RIGHT = 16;
  private static final int PANEL = 120;
  private static final int GAP = 44;
  private static final int TOP = 72;
  private static final String CALLS = "#1f5fa8";
  private static final String FAILED = "#c62828";
  private static final String AGE = "#444444";

  private static final Map<String, String> BANDS = Map.of(
      RegistryChaos.Fault.RESTART.name(),
      "#f7c6c5",
      RegistryChaos.Fault.PARTITION.name(),
      "#fbe3b0",
      RegistryChaos.Fault.SLOW.name(),
      "#cfe3f7",
      RegistryChaos.RECOVERING,
      "#ececec");

  private final StringBuilder svg = new StringBuilder();
  private final int seconds;

  private TimelinePlot(int seconds) {
    this.seconds = seconds;
  }

  static String of(String title, List<Timeline> timelines) {
    int longest =
        timelines.stream().mapToInt(timeline -> timeline.seconds().size()).max().orElse(0);
    TimelinePlot plot = new TimelinePlot(Math.max(1, longest));
    int height = TOP + timelines.size() * 2 * (PANEL + GAP);
    plot.begin(height, title);
    int top = TOP;
    for (Timeline timeline : timelines) {
      plot.calls(top, timeline);
      plot.age(top + PANEL + GAP, timeline);
      top += 2 * (PANEL + GAP);
    }
    return plot.svg.append("</svg>\n").toString();
  }

  private void begin(int height, String title) {
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + height
        + "\" font-family=\"sans-serif\" font-size=\"12\">\n");
    rectangle(0, 0, WIDTH, height, "fill=\"white\"");
    text(LEFT, 20, "start", title);
    int x = LEFT;
    for (RegistryChaos.Fault fault : RegistryChaos.Fault.values()) {
      x = legend(x, fault.name().toLowerCase(Locale.ROOT), BANDS.get(fault.name()));
    }
    x = legend(x, RegistryChaos.RECOVERING, BANDS.get(RegistryChaos.RECOVERING));
    x = legend(x, "calls", CALLS);
    x = legend(x, "failed", FAILED);
    legend(x, "age of the list", AGE);
  }

  private int legend(int x, String label, String color) {
    rectangle(x, 30, 12, 12, "fill=\"" + color + "\"");
    text(x + 18, 40, "start", label);
    return x + 36 + 7 * label.length();
  }

  private void calls(int top, Timeline timeline) {
    double most = most(timeline, Timeline.Second::calls);
    panel(top, timeline.name() + ": calls of each second, and those that failed", most, timeline);
    line(top, most, CALLS, timeline, Timeline.Second::calls);
    line(top, most, FAILED, timeline, Timeline.Second::failed);
  }

  private void age(int top, Timeline timeline) {
    double most = most(timeline, Timeline.Second::ageSeconds);
    panel(top, timeline.name() + ": age of the list, in seconds", most, timeline);
    line(top, most, AGE, timeline, Timeline.Second::ageSeconds);
  }

  private static double most(Timeline timeline, ToDoubleFunction<Timeline.Second> value) {
    return Math.max(1, timeline.seconds().stream().mapToDouble(value).max().orElse(1)) * 1.1;
  }

  private void panel(int top, String label, double most, Timeline timeline) {
    bands(top, timeline.seconds());
    rectangle(LEFT, top, WIDTH - LEFT - RIGHT, PANEL, "fill=\"none\" stroke=\"#888888\"");
    text(LEFT, top - 6, "start", label);
    text(LEFT - 6, top + PANEL, "end", "0");
    text(LEFT - 6, top + 10, "end", String.valueOf(Math.round(most)));
    int step = seconds > 120 ? 60 : 5;
    for (int second = 0; second <= seconds; second += step) {
      text(x(second), top + PANEL + 14, "middle", second + " s");
    }
  }

  private void bands(int top, List<Timeline.Second> all) {
    int from = 0;
    while (from < all.size()) {
      String doing = all.get(from).doing();
      int to = from;
      while (to < all.size() && all.get(to).doing().equals(doing)) {
        to++;
      }
      String color = BANDS.get(doing);
      if (color != null) {
        rectangle(x(from), top, x(to) - x(from), PANEL, "fill=\"" + color + "\"");
      }
      from = to;
    }
  }

  private void line(
      int top,
      double most,
      String color,
      Timeline timeline,
      ToDoubleFunction<Timeline.Second> value) {
    svg.append("<polyline fill=\"none\" stroke=\"" + color + "\" stroke-width=\"1.5\" points=\"");
    for (Timeline.Second second : timeline.seconds()) {
      double y = top + PANEL - value.applyAsDouble(second) / most * PANEL;
      svg.append(number(x(second.number() + 0.5)) + "," + number(y) + " ");
    }
    svg.append("\"/>\n");
  }

  private double x(double second) {
    return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
  }

  private void rectangle(double x, double y, double width, double height, String style) {
    svg.append("<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width)
        + "\" height=\"" + number(height) + "\" " + style + "/>\n");
  }

  private void text(double x, double y, String anchor, String text) {
    svg.append("<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor
        + "\">" + text + "</text>\n");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
