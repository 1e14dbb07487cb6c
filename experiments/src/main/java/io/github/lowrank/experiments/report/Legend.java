package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The series of several panels by family: a family has a colour, a series a marker.
 *
 * @param families those with a series that is shown first
 */
record Legend(List<Family> families) {
  /**
   * A family of methods.
   *
   * @param name of the family
   * @param series in the order of their first rows
   */
  record Family(String name, List<Series> series) {
    boolean shown() {
      return series.stream().anyMatch(Series::shown);
    }
  }

  /**
   * A line with its marks.
   *
   * @param name unique in its family
   * @param shown whether a reader needs it first: it is on a front, or chosen within a budget, or
   *     next to the chosen
   */
  record Series(String name, boolean shown) {}

  static Legend of(List<Panel> panels, List<Double> budgets) {
    Set<String> important =
        panels.stream()
            .flatMap(panel -> important(panel, budgets).map(s -> Panel.family(s) + panel.series(s)))
            .collect(Collectors.toSet());
    Map<String, List<Series>> series = new LinkedHashMap<>();
    for (Panel panel : panels) {
      for (Summary s : panel.methods()) {
        List<Series> of = series.computeIfAbsent(Panel.family(s), f -> new ArrayList<>());
        Series one =
            new Series(panel.series(s), important.contains(Panel.family(s) + panel.series(s)));
        if (!of.contains(one)) {
          of.add(one);
        }
      }
    }
    return new Legend(
        series.entrySet().stream()
            .map(e -> new Family(e.getKey(), e.getValue()))
            .sorted(Comparator.comparing((Family f) -> !f.shown()))
            .toList());
  }

  private static Stream<Summary> important(Panel panel, List<Double> budgets) {
    return Stream.concat(
        panel.front(Panel.TABLE).stream(),
        budgets.stream()
            .flatMap(b -> panel.within(b).stream())
            .flatMap(c -> Stream.concat(Stream.of(c.best()), c.next().stream())));
  }

  /** Index of the family of {@code s}. */
  int family(Summary s) {
    return families.stream().map(Family::name).toList().indexOf(Panel.family(s));
  }

  /** Index of the series of {@code s} in its family. */
  int series(Panel panel, Summary s) {
    return families.get(family(s)).series().stream()
        .map(Series::name)
        .toList()
        .indexOf(panel.series(s));
  }
}
