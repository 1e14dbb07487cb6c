package io.github.lowrank.experiments.report;

import java.io.IOException;
import org.knowm.xchart.XYChart;

/** Two quantities that fall over the rounds, on a logarithmic scale, as SVG. */
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
    XYChart chart = Figures.chart(title, "round", "");
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setMarkerSize(0);
    chart.addSeries(firstName, rounds, first);
    chart.addSeries(secondName, rounds, second);
    return Figures.svg(chart);
  }
}
