import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Training through the factorization against the online method, from the rows of runs of {@code
 * through-*}: each method with the schedule of its second half that has the best mean accuracy on
 * dev, and its difference from the online method, paired by seed. Prints tab-separated values.
 *
 * <pre>{@code java scripts/Through.java results/through/through-trec-dan-98 > results/through/trec-98.tsv}</pre>
 */
final class Through {
  /** Quantiles of 97.5 % of the t distribution with 1, 2, ... degrees of freedom. */
  private static final double[] T = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262};

  /** The rows of a method with one schedule, in the order of the seeds. */
  private record Rows(String name, String removed, List<Map<String, String>> rows) {
    double[] column(String column) {
      return rows.stream().mapToDouble(r -> 100 * Double.parseDouble(r.get(column))).toArray();
    }

    String method() {
      return name.replaceFirst("-then-.*", "");
    }

    String schedule() {
      return name.contains("-then-") ? name.replaceFirst(".*-then-", "") : "";
    }

    double dev() {
      return mean(column("dev_accuracy"));
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Half the width of the 95 % interval of the mean. */
  private static double half(double[] values) {
    double mean = mean(values);
    double square = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    int n = values.length;
    return n == 1 ? Double.NaN : T[n - 2] * Math.sqrt(square / (n - 1) / n);
  }

  private static List<Map<String, String>> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    String[] names = lines.get(0).split(",");
    List<Map<String, String>> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < names.length; i++) {
        row.put(names[i], cells[i]);
      }
      rows.add(row);
    }
    rows.sort(Comparator.comparingInt(r -> Integer.parseInt(r.get("seed"))));
    return rows;
  }

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("expected the folder of a run");
      System.exit(2);
    }
    Map<String, Rows> all = new LinkedHashMap<>();
    for (Map<String, String> row : read(Path.of(args[0], "trials.csv"))) {
      String removed = row.get("label").replaceFirst("^\\S+ ?", "");
      all.computeIfAbsent(
              row.get("label"), l -> new Rows(row.get("method"), removed, new ArrayList<>()))
          .rows()
          .add(row);
    }
    Map<String, Rows> best = new LinkedHashMap<>();
    for (Rows rows : all.values()) {
      best.merge(
          rows.removed() + " " + rows.method(), rows, (a, b) -> b.dev() > a.dev() ? b : a);
    }
    System.out.println(
        "removed\tmethod\tschedule\trates\tseeds\tdev\ttest\ttest_95\tminus_online\tminus_online_95\ttrain_seconds");
    for (Rows rows : best.values()) {
      double[] test = rows.column("test_accuracy");
      Rows online = best.get(rows.removed() + " online");
      String difference = "\t";
      if (online != null && online != rows) {
        double[] other = online.column("test_accuracy");
        double[] paired = new double[test.length];
        Arrays.setAll(paired, i -> test[i] - other[i]);
        difference = String.format(Locale.ROOT, "%+.2f\t%.2f", mean(paired), half(paired));
      }
      System.out.printf(
          Locale.ROOT,
          "%s\t%s\t%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%s\t%.1f%n",
          rows.removed().isEmpty() ? "0 %" : rows.removed(),
          rows.method(),
          rows.schedule(),
          String.join(
              " ", rows.rows().stream().map(r -> r.get("learning_rate")).distinct().toList()),
          test.length,
          rows.dev(),
          mean(test),
          half(test),
          difference,
          rows.rows().stream()
              .mapToDouble(r -> Double.parseDouble(r.get("train_seconds")))
              .average()
              .orElseThrow());
    }
  }
}
