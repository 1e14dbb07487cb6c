package io.github.lowrank.experiments.report;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Two quantities that fall over the rounds, as powers of ten, as SVG. */
public final class ConvergenceFigure {
  private ConvergenceFigure() {}

  /**
   * The figure.
   *
   * @param rounds x
   * @param first values above 0
   * @param second values above 0
   */
  public static String svg(
      String title,
      double[] rounds,
      String firstName,
      double[] first,
      String secondName,
      double[] second)
      throws IOException {
    // Not XChart's logarithmic axis: over 30 powers of ten its marks take two megabytes.
    XYChart chart =
        new XYChartBuilder()
            .width(820)
            .height(440)
            .title(title)
            .xAxisTitle("round")
            .yAxisTitle("power of ten")
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setMarkerSize(0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.addSeries(firstName, rounds, powers(first));
    chart.addSeries(secondName, rounds, powers(second));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
    // Text comes as outlines with nine decimals; two are a hundredth of a pixel.
    return bytes.toString(StandardCharsets.UTF_8).replaceAll("(\\.\\d\\d)\\d+", "$1");
  }

  private static double[] powers(double[] values) {
    return Arrays.stream(values).map(Math::log10).toArray();
  }
}
