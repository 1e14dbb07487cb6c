package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.train.Evaluation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Figures as SVG. */
final class Figures {
  private Figures() {}

  /** Dev accuracy over steps, one line per method. */
  static String devAccuracy(Map<String, List<Evaluation>> byMethod) throws IOException {
    XYChart chart = chart("Dev accuracy, mean over seeds", "step", "dev accuracy, %");
    byMethod.forEach(
        (method, evaluations) -> {
          List<Evaluation> sorted =
              evaluations.stream().sorted(Comparator.comparingLong(Evaluation::step)).toList();
          chart.addSeries(
              method,
              sorted.stream().mapToDouble(Evaluation::step).toArray(),
              sorted.stream().mapToDouble(e -> 100 * e.selected()).toArray());
        });
    return svg(chart);
  }

  /** Learning rate of every step, one line per method. */
  static String learningRate(Map<String, List<Rates.Corner>> byMethod) throws IOException {
    XYChart chart = chart("Learning rate", "step", "rate");
    chart.getStyler().setMarkerSize(0);
    byMethod.forEach(
        (method, corners) ->
            chart.addSeries(
                method,
                corners.stream().mapToDouble(Rates.Corner::step).toArray(),
                corners.stream().mapToDouble(Rates.Corner::rate).toArray()));
    return svg(chart);
  }

  static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(820)
            .height(440)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setMarkerSize(5);
    chart.getStyler().setChartBackgroundColor(java.awt.Color.WHITE);
    return chart;
  }

  static String svg(XYChart chart) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
    // Text comes as outlines with nine decimals; two are a hundredth of a pixel.
    return bytes.toString(StandardCharsets.UTF_8).replaceAll("(\\.\\d\\d)\\d+", "$1");
  }
}
