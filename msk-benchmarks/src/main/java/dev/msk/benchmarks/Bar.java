package dev.msk.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * What a row has to reach, as an expression over its own figures:
 *
 * <pre>{@code
 * ours >= 0.8 * floor && ours >= 1.5 * peers["debezium"] && ours >= 10 * max(peers["namastack"], peers["modulith"])
 * }</pre>
 *
 * <p>Comparisons ({@code >= <= > <}) joined by {@code &&}; numbers, {@code + - * /}, parentheses; {@code ours}, {@code
 * floor}; {@code peers["name"]}, the peer whose name begins so; {@code max(...)} and {@code min(...)} over any of
 * these, where {@code peers} alone stands for all of them. Immutable.
 */
public final class Bar {

  private static final Pattern TOKEN = Pattern.compile(
      "\\s*(?:(\\d+(?:\\.\\d+)?)|(ours|floor|peers|max|min)\\b|\"([^\"]*)\"|(>=|<=|>|<|&&|[-+*/()\\[\\],]))");

  private final String text;

  private Bar(String text) {
    this.text = text;
  }

  /**
   * Takes an expression.
   *
   * @param text see the class; it is read when it is evaluated
   * @return a bar
   */
  public static Bar of(String text) {
    return new Bar(text);
  }

  /** A figure that the expression names and the row does not have. */
  public static final class MissingFigureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingFigureException(String name) {
      super("no figure: " + name);
    }
  }

  /**
   * Evaluates the expression.
   *
   * @param figures what it may name
   * @return whether every comparison holds
   * @throws MissingFigureException when it names what the row does not have
   * @throws IllegalArgumentException when it is no such expression
   */
  public boolean isMet(Figures figures) {
    return new Reader(figures).condition();
  }

  /** The expression as it was given. */
  @Override
  public String toString() {
    return text;
  }

  /**
   * The figures of a row.
   *
   * @param ours NaN when not measured
   * @param floor NaN when there is none
   * @param peers by name and version
   */
  public record Figures(double ours, double floor, Map<String, Double> peers) {}

  /** Recursive descent; it evaluates while it reads. */
  private final class Reader {
    private final Figures figures;
    private final List<String> tokens = new ArrayList<>();
    private int next;

    private Reader(Figures figures) {
      this.figures = figures;
      Matcher matcher = TOKEN.matcher(text);
      int end = 0;
      while (end < text.stripTrailing().length()) {
        if (!matcher.find(end) || matcher.start() != end) {
          throw wrong("a number, a name or an operator at " + end);
        }
        tokens.add(matcher.group().strip());
        end = matcher.end();
      }
    }

    private boolean condition() {
      boolean met = comparison();
      while (taken("&&")) {
        met &= comparison();
      }
      if (next < tokens.size()) {
        throw wrong("nothing behind " + tokens.get(next - 1));
      }
      return met;
    }

    private boolean comparison() {
      double left = sum();
      String operator = take();
      double right = sum();
      return switch (operator) {
        case ">=" -> left >= right;
        case "<=" -> left <= right;
        case ">" -> left > right;
        case "<" -> left < right;
        default -> throw wrong("a comparison, not " + operator);
      };
    }

    private double sum() {
      double value = product();
      while (true) {
        if (taken("+")) {
          value += product();
        } else if (taken("-")) {
          value -= product();
        } else {
          return value;
        }
      }
    }

    private double product() {
      double value = factor();
      while (true) {
        if (taken("*")) {
          value *= factor();
        } else if (taken("/")) {
          value /= factor();
        } else {
          return value;
        }
      }
    }

    private double factor() {
      String token = take();
      return switch (token) {
        case "ours" -> present("ours", figures.ours());
        case "floor" -> present("floor", figures.floor());
        case "peers" -> peer();
        case "max" -> arguments().max().orElseThrow();
        case "min" -> arguments().min().orElseThrow();
        case "(" -> {
          double inner = sum();
          require(")");
          yield inner;
        }
        default -> number(token);
      };
    }

    private double number(String token) {
      if (!Character.isDigit(token.charAt(0))) {
        throw wrong("a figure, not " + token);
      }
      return Double.parseDouble(token);
    }

    private double peer() {
      require("[");
      String quoted = take();
      require("]");
      if (!quoted.startsWith("\"")) {
        throw wrong("a quoted name, not " + quoted);
      }
      String name = quoted.substring(1, quoted.length() - 1);
      return figures.peers().entrySet().stream()
          .filter(peer -> peer.getKey().startsWith(name))
          .findFirst()
          .map(Map.Entry::getValue)
          .orElseThrow(() -> new MissingFigureException(name));
    }

    private DoubleStream arguments() {
      require("(");
      List<Double> values = new ArrayList<>();
      do {
        if (next + 1 < tokens.size()
            && tokens.get(next).equals("peers")
            && !tokens.get(next + 1).equals("[")) {
          next++;
          if (figures.peers().isEmpty()) {
            throw new MissingFigureException("peers");
          }
          values.addAll(figures.peers().values());
        } else {
          values.add(sum());
        }
      } while (taken(","));
      require(")");
      return values.stream().mapToDouble(Double::doubleValue);
    }

    private double present(String name, double value) {
      if (Double.isNaN(value)) {
        throw new MissingFigureException(name);
      }
      return value;
    }

    private boolean taken(String token) {
      boolean is = next < tokens.size() && tokens.get(next).equals(token);
      if (is) {
        next++;
      }
      return is;
    }

    private String take() {
      if (next == tokens.size()) {
        throw wrong("more behind its end");
      }
      return tokens.get(next++);
    }

    private void require(String token) {
      if (!taken(token)) {
        throw wrong(token + (next < tokens.size() ? " before " + tokens.get(next) : " at its end"));
      }
    }

    private IllegalArgumentException wrong(String expected) {
      return new IllegalArgumentException("bar: " + text + " (expected: " + expected + ")");
    }
  }
}
