package dev.msk.benchmarks.discovery;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Latencies as a picture, a line for each contender over the quantiles. Both axes are logarithmic: the slowest of a thousand calls have as
 * much room as the slowest of a hundred, and milliseconds as much as seconds. Confined to one thread.
 */
final class LatencyPlot {

  private static final int LEFT = 64;
  private static final int TOP = 48;
  private static final int WIDTH = 480;
  private static final int HEIGHT = 320;
  private static final int BOTTOM = 56;
  private static final int LEGEND = 260;
  private static final int LINE = 22;

  /** Of M. Okabe and K. Ito: told apart by those who do not see all colours. */
  private static final List<String> COLOURS = List.of(
      "#0072b2", "#d55e00", "#009e73", "#999999", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

  private final String title;
  private final double[] quantiles;
  private final List<Curve> curves = new ArrayList<>();

  LatencyPlot(String title, double[] quantiles) {
    this.title = title;
    this.quantiles = quantiles.clone();
  }

  private record Curve(String label, double[] millis) {}

  /** Adds a contender; one without figures has no line, and is named nevertheless. */
  void add(String label, double[] millis) {
    curves.add(new Curve(label, millis));
  }

  String svg() {
    List<String> parts = new ArrayList<>();
    int width = LEFT + WIDTH + LEGEND;
    int height = TOP + HEIGHT + BOTTOM;
    parts.add(("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"13\">")
        .formatted(width, height));
    parts.add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>".formatted(width, height));
    parts.add(text(LEFT, TOP - 20, "start", title));
    Scale scale = Scale.over(curves);
    for (int decade = scale.least; decade <= scale.most; decade++) {
      double y = y(scale, Math.pow(10, decade));
      parts.add(line(LEFT, y, LEFT + WIDTH, y));
      parts.add(text(LEFT - 8, y + 4, "end", time(decade)));
    }
    for (double quantile : new double[] {0.5, 0.9, 0.99, 0.999}) {
      double x = x(quantile);
      parts.add(line(x, TOP, x, TOP + HEIGHT));
      parts.add(text(x, TOP + HEIGHT + 20, "middle", "p" + shifted(quantile, 2)));
    }
    parts.add(text(LEFT + WIDTH / 2.0, TOP + HEIGHT + 44, "middle", "calls that took no longer"));
    for (int i = 0; i < curves.size(); i++) {
      parts.add(curve(curves.get(i), scale, COLOURS.get(i % COLOURS.size())));
      parts.add(legend(curves.get(i), TOP + i * LINE, COLOURS.get(i % COLOURS.size())));
    }
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  private String curve(Curve curve, Scale scale, String colour) {
    String points = IntStream.range(0, quantiles.length)
        .filter(i -> curve.millis[i] > 0)
        .mapToObj(i ->
            String.format(Locale.ROOT, "%.1f,%.1f", x(quantiles[i]), y(scale, curve.millis[i])))
        .collect(Collectors.joining(" "));
    return "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>"
        .formatted(colour, points);
  }

  private static String legend(Curve curve, int y, String colour) {
    int x = LEFT + WIDTH + 16;
    return "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>".formatted(x, y, colour)
        + text(x + 20, y + 6, "start", curve.label);
  }

  private double x(double quantile) {
    double first = nines(quantiles[0]);
    double last = nines(quantiles[quantiles.length - 1]);
    return LEFT + WIDTH * (nines(quantile) - first) / (last - first);
  }

  private static double nines(double quantile) {
    return -Math.log10(1 - quantile);
  }

  private static double y(Scale scale, double millis) {
    double part = (Math.log10(millis) - scale.least) / (scale.most - scale.least);
    return TOP + HEIGHT * (1 - part);
  }

  /** Decades of milliseconds. */
  private record Scale(int least, int most) {

    static Scale over(List<Curve> curves) {
      double[] known = curves.stream()
          .flatMapToDouble(curve -> Arrays.stream(curve.millis))
          .filter(millis -> millis > 0)
          .map(Math::log10)
          .sorted()
          .toArray();
      if (known.length == 0) {
        return new Scale(0, 1);
      }
      int least = (int) Math.floor(known[0]);
      return new Scale(least, Math.max(least + 1, (int) Math.ceil(known[known.length - 1])));
    }
  }

  private static String line(double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>",
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(double x, double y, String anchor, String words) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        x,
        y,
        anchor,
        words.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private static String time(int decade) {
    return decade < 3 ? shifted(1, decade) + " ms" : shifted(1, decade - 3) + " s";
  }

  private static String shifted(double number, int digits) {
    return BigDecimal.valueOf(number)
        .movePointRight(digits)
        .stripTrailingZeros()
        .toPlainString();
  }
}
