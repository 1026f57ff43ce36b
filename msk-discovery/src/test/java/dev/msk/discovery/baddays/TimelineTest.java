package dev.msk.discovery.baddays;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** What the plot of ten minutes is made of. */
final class TimelineTest {

  private final Timeline timeline = new Timeline("consul");

  @Test
  void seconds_areWrittenAsNumbers(@TempDir Path folder) throws Exception {
    for (int millis = 1; millis <= 200; millis++) {
      timeline.succeeded(millis * 1_000_000L);
    }
    timeline.tick(0.5, 5, "well");
    timeline.failed(7_000_000, "refused");
    timeline.tick(1.5, 5, "RESTART");

    Path file = folder.resolve("results").resolve("consul.csv");
    timeline.write(file);

    assertThat(Files.readAllLines(file))
        .containsExactly(
            "second,calls,failed,p99_ms,list_age_s,listed,registry",
            "0,200,0,198.00,0.5,5,well",
            "1,1,1,7.00,1.5,5,RESTART");
    assertThat(timeline.failures()).containsExactly("second 1: refused");
    assertThat(timeline.calls()).isEqualTo(201);
    assertThat(timeline.oldestSeconds()).isEqualTo(1.5);
  }

  @Test
  void plot_hasALineForCallsFailuresAndAge_andABandForEachFault() throws Exception {
    timeline.succeeded(1);
    timeline.tick(0.5, 5, "well");
    timeline.tick(1.5, 5, "RESTART");
    timeline.tick(2.5, 5, "RESTART");
    timeline.tick(3.5, 5, "SLOW");

    String svg = TimelinePlot.of("ten minutes", List.of(timeline));

    Document document = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(3);
    // White ground, seven of the legend, and for each panel its frame and two bands.
    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 7 + 2 * 3);
  }
}
