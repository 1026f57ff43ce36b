package dev.msk.benchmarks.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LatencyPlotTest {

  private final LatencyPlot plot =
      new LatencyPlot("<slow> & others", new double[] {0.5, 0.9, 0.99});

  @Test
  void svg_hasALineForEachContender_thatRisesWithItsLatency() throws Exception {
    plot.add("quick", new double[] {5, 5, 6});
    plot.add("late", new double[] {5, 500, 4000});

    Document picture = parsed(plot.svg());

    assertThat(texts(picture)).contains("<slow> & others", "quick", "late", "1 ms", "10 s", "p50");
    List<double[]> late = points(picture, 1);
    assertThat(late).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(a[0], b[0]));
    // Down is more in SVG.
    assertThat(late).isSortedAccordingTo((a, b) -> Double.compare(b[1], a[1]));
    assertThat(points(picture, 0).get(0)).containsExactly(late.get(0));
  }

  @Test
  void contenderWithoutFigures_isNamed_andHasNoLine() throws Exception {
    plot.add("failed", new double[] {Double.NaN, Double.NaN, Double.NaN});

    Document picture = parsed(plot.svg());

    assertThat(texts(picture)).contains("failed");
    assertThat(points(picture, 0)).isEmpty();
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> texts(Document picture) {
    NodeList texts = picture.getElementsByTagName("text");
    return Stream.iterate(0, i -> i < texts.getLength(), i -> i + 1)
        .map(i -> texts.item(i).getTextContent())
        .toList();
  }

  private static List<double[]> points(Document picture, int line) {
    Element polyline = (Element) picture.getElementsByTagName("polyline").item(line);
    return Stream.of(polyline.getAttribute("points").split(" "))
        .filter(point -> !point.isEmpty())
        .map(point ->
            Stream.of(point.split(",")).mapToDouble(Double::parseDouble).toArray())
        .toList();
  }
}
