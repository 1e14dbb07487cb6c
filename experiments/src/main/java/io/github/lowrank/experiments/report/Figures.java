package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.train.Evaluation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  static String accuracyAgainstBytes(List<Summary> summaries) throws IOException {
    XYChart chart = chart("Accuracy against size", "embedding, MB", "test accuracy, %");
    chart.getStyler().setXAxisLogarithmic(true);
    Map<String, List<Summary>> byMethod = new LinkedHashMap<>();
    for (Summary s : summaries) {
      byMethod
          .computeIfAbsent(s.rows().get(0).compression().method(), m -> new ArrayList<>())
          .add(s);
    }
    byMethod.forEach(
        (method, some) -> {
          some.sort((a, b) -> Double.compare(megabytes(a), megabytes(b)));
          chart.addSeries(
              method,
              some.stream().mapToDouble(Figures::megabytes).toArray(),
              some.stream().mapToDouble(s -> 100 * accuracy(s).mean()).toArray(),
              some.stream()
                  .mapToDouble(s -> accuracy(s).halfWidth())
                  .map(h -> Double.isNaN(h) ? 0 : 100 * h)
                  .toArray());
        });
    return svg(chart);
  }

  private static double megabytes(Summary s) {
    return s.mean(Row::embeddingBytes) / 1e6;
  }

  private static Summary.Interval accuracy(Summary s) {
    return s.interval(Row::testAccuracy);
  }

  /** Dev accuracy over steps, a line a method. */
  static String devAccuracy(Map<String, List<Evaluation>> byMethod) throws IOException {
    XYChart chart = chart("Dev accuracy, mean over seeds", "step", "dev accuracy, %");
    byMethod.forEach(
        (method, looks) -> {
          List<Evaluation> history = monotone(looks);
          chart.addSeries(
              method,
              history.stream().mapToDouble(Evaluation::step).toArray(),
              history.stream().mapToDouble(e -> 100 * e.devAccuracy()).toArray());
        });
    return svg(chart);
  }

  /** Learning rate over steps, a line a method. */
  static String learningRate(Map<String, List<Evaluation>> byMethod) throws IOException {
    XYChart chart = chart("Learning rate at evaluations", "step", "rate");
    chart.getStyler().setYAxisLogarithmic(true);
    byMethod.forEach(
        (method, looks) -> {
          List<Evaluation> history = looks.stream().filter(e -> e.rate() > 0).toList();
          if (!history.isEmpty()) {
            chart.addSeries(
                method,
                history.stream().mapToDouble(Evaluation::step).toArray(),
                history.stream().mapToDouble(Evaluation::rate).toArray());
          }
        });
    return svg(chart);
  }

  private static List<Evaluation> monotone(List<Evaluation> history) {
    List<Evaluation> kept = new ArrayList<>(history);
    kept.sort((a, b) -> Long.compare(a.step(), b.step()));
    return kept;
  }

  private static XYChart chart(String title, String x, String y) {
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

  private static String svg(XYChart chart) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
    // Text comes as outlines with nine decimals; two are a hundredth of a pixel.
    return bytes.toString(StandardCharsets.UTF_8).replaceAll("(\\.\\d\\d)\\d+", "$1");
  }
}
