package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Schedules by optimizers: points of test accuracy behind the best schedule of the same optimizer.
 * A table with colours, so that it needs no other table behind it.
 */
final class HeatMap {
  /** Points behind the best at which the next shade begins. */
  static final double[] SHADES = {0.25, 0.5, 1, 2, 4};

  // Fewer of both make no map.
  private static final int SCHEDULES = 4;
  private static final int OPTIMIZERS = 3;

  private HeatMap() {}

  /** Whether a method states its optimizer and its schedule. */
  static boolean scheduled(Summary s) {
    return s.parameters().containsKey("optimizer") && s.parameters().containsKey("schedule");
  }

  /** Whether the training is one after a factorization. */
  static boolean retrained(Summary s) {
    return s.parameters().containsKey("removed");
  }

  /** The method without its schedule: the optimizer, or what was trained with it. */
  static String optimizer(Summary s) {
    String end = "-" + s.parameter("schedule");
    return s.method().endsWith(end)
        ? s.method().substring(0, s.method().length() - end.length())
        : s.parameter("optimizer");
  }

  /**
   * The scheduled methods of a run: by schedule, by optimizer. An optimizer with a single schedule,
   * as it is without need of one, is a schedule of those that its name contains.
   */
  static Map<String, Map<String, Summary>> cells(Run run) {
    Map<String, List<Summary>> optimizers =
        run.summaries().stream()
            .filter(HeatMap::scheduled)
            .collect(
                Collectors.groupingBy(HeatMap::optimizer, LinkedHashMap::new, Collectors.toList()));
    Map<String, Map<String, Summary>> cells = new LinkedHashMap<>();
    optimizers.forEach(
        (optimizer, some) -> {
          List<String> within =
              some.size() > 1
                  ? List.of()
                  : optimizers.keySet().stream()
                      .filter(o -> optimizers.get(o).size() > 1)
                      .filter(o -> optimizer.contains(o.replaceFirst("_.*", "")))
                      .toList();
          for (Summary s : some) {
            String row = within.isEmpty() ? s.parameter("schedule") : optimizer;
            Map<String, Summary> line = cells.computeIfAbsent(row, r -> new LinkedHashMap<>());
            (within.isEmpty() ? List.of(optimizer) : within).forEach(o -> line.put(o, s));
          }
        });
    return cells;
  }

  /** Whether a run compares schedules. */
  static boolean fits(Run run) {
    Map<String, Map<String, Summary>> cells = cells(run);
    long optimizers =
        run.summaries().stream()
            .filter(HeatMap::scheduled)
            .map(s -> s.parameter("optimizer"))
            .distinct()
            .count();
    return cells.size() >= SCHEDULES || cells.size() > 1 && optimizers >= OPTIMIZERS;
  }

  static String title(Run run) {
    return Table.format(
        "%s, %,d steps", new Panel(run).title(), run.baseline().rows().get(0).training().steps());
  }

  /** The table of a run. */
  static String html(Run run) {
    Map<String, Map<String, Summary>> cells = cells(run);
    Set<String> optimizers = new LinkedHashSet<>();
    cells.values().forEach(row -> optimizers.addAll(row.keySet()));
    Map<String, Double> best = new LinkedHashMap<>();
    cells
        .values()
        .forEach(row -> row.forEach((o, s) -> best.merge(o, s.mean(Row::testAccuracy), Math::max)));
    StringBuilder html =
        new StringBuilder(
            "<table class=\"heat\"><caption>%s <span class=\"soft\">%s</span></caption>\n"
                .formatted(Escape.html(title(run)), Escape.html(run.name())));
    html.append("<thead><tr><th scope=\"col\">schedule</th>");
    optimizers.forEach(
        o -> html.append("<th scope=\"col\"><span>%s</span></th>".formatted(Escape.html(o))));
    html.append("</tr></thead><tbody>\n");
    cells.forEach(
        (schedule, row) -> {
          html.append("<tr><th scope=\"row\">%s</th>".formatted(Escape.html(schedule)));
          optimizers.forEach(o -> html.append(cell(row.get(o), best.get(o))));
          html.append("</tr>\n");
        });
    html.append("<tr class=\"best\"><th scope=\"row\">best, %</th>");
    optimizers.forEach(o -> html.append(Table.format("<td>%.1f</td>", 100 * best.get(o))));
    return html.append("</tr></tbody></table>\n").toString();
  }

  private static String cell(Summary s, double best) {
    if (s == null) {
      return "<td></td>";
    }
    double behind = 100 * (s.mean(Row::testAccuracy) - best);
    return "<td class=\"h%d\" title=\"%s\">%s</td>"
        .formatted(
            shade(-behind),
            Escape.html(
                "%s: test %s %%, dev %s %%, rate %s"
                    .formatted(
                        s.label(),
                        s.interval(Row::testAccuracy).percent(),
                        s.interval(Row::devAccuracy).percent(),
                        s.rows().get(0).training().learningRate())),
            behind == 0 ? "best" : Verdicts.signed(behind / 100, Math.abs(behind) < 9.95 ? 2 : 1));
  }

  /** Number of the shade for so many points behind. */
  static int shade(double behind) {
    if (behind == 0) {
      return 0;
    }
    int shade = 1;
    for (double bound : SHADES) {
      shade += behind >= bound ? 1 : 0;
    }
    return shade;
  }

  /** What the shades mean. */
  static String legend() {
    List<String> names = new ArrayList<>(List.of("best"));
    String from = "0";
    for (double bound : SHADES) {
      names.add(from + " to " + Svg.number(bound, 2));
      from = Svg.number(bound, 2);
    }
    names.add(from + " and more");
    StringBuilder html =
        new StringBuilder("<p class=\"shades\">Points behind the best of the column: ");
    for (int i = 0; i < names.size(); i++) {
      html.append("<span class=\"h%d\">%s</span> ".formatted(i, names.get(i)));
    }
    return html.append("</p>\n").toString();
  }
}
