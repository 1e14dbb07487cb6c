package io.github.lowrank.experiments.report;

import java.io.IOException;
import java.util.Arrays;
import org.knowm.xchart.XYChart;

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
    XYChart chart = Figures.chart(title, "round", "power of ten");
    chart.getStyler().setMarkerSize(0);
    chart.addSeries(firstName, rounds, powers(first));
    chart.addSeries(secondName, rounds, powers(second));
    return Figures.svg(chart);
  }

  private static double[] powers(double[] values) {
    return Arrays.stream(values).map(Math::log10).toArray();
  }
}
