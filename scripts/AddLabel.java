import io.github.lowrank.predictor.Predictor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The time of adding a label to a compact file of prototypes, in milliseconds: the first time in a
 * new process, and the median of later ones; and of making the bytes of the new file.
 *
 * <pre>
 * java -cp predictor/target/classes scripts/AddLabel.java MODEL.lrk TEXTS [REPEATS]
 * </pre>
 */
class AddLabel {
  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      System.err.println("expected MODEL.lrk TEXTS [REPEATS]");
      System.exit(2);
    }
    Predictor predictor = Predictor.load(Path.of(args[0]));
    List<String> texts = Files.readAllLines(Path.of(args[1]));
    int repeats = args.length > 2 ? Integer.parseInt(args[2]) : 100;
    double[] add = new double[repeats];
    double[] write = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      long start = System.nanoTime();
      Predictor more = predictor.withTexts("a new label", texts);
      add[i] = (System.nanoTime() - start) / 1e6;
      start = System.nanoTime();
      byte[] bytes = more.toBytes();
      write[i] = (System.nanoTime() - start) / 1e6;
      if (more.labels().size() != predictor.labels().size() + 1 || bytes.length == 0) {
        throw new IllegalStateException("the label was not added");
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d texts, %d labels: added in %.2f ms the first time, %.2f in the median; file of %.2f and %.2f ms%n",
        texts.size(),
        predictor.labels().size(),
        add[0],
        median(add),
        write[0],
        median(write));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
