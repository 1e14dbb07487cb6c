package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.train.Evaluation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
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

  /** Test accuracy against bytes of the embedding, with the 95 % interval over seeds. */
  static String accuracyAgainstBytes(Run run) throws IOException {
    XYChart chart = chart("Accuracy against size", "embedding, MB", "test accuracy, %");
    chart.getStyler().setXAxisLogarithmic(true);
    series(run)
        .forEach(
            (name, some) -> {
              some.sort(Comparator.comparingDouble(Figures::megabytes));
              chart.addSeries(
                  name,
                  some.stream().mapToDouble(Figures::megabytes).toArray(),
                  some.stream().mapToDouble(s -> 100 * accuracy(s).mean()).toArray(),
                  some.stream()
                      .mapToDouble(s -> accuracy(s).halfWidth())
                      .map(h -> Double.isNaN(h) ? 0 : 100 * h)
                      .toArray());
            });
    return svg(chart);
  }

  /** The methods by their name in the legend: a line joins those that differ in size alone. */
  static Map<String, List<Summary>> series(Run run) {
    Map<String, List<Summary>> series = new LinkedHashMap<>();
    for (Summary s : run.summaries()) {
      series.computeIfAbsent(run.named(s.method(), s), m -> new ArrayList<>()).add(s);
    }
    return series;
  }

  private static double megabytes(Summary s) {
    return s.mean(Row::embeddingBytes) / 1e6;
  }

  private static Summary.Interval accuracy(Summary s) {
    return s.interval(Row::testAccuracy);
  }

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
