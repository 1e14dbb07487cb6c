import com.sun.management.OperatingSystemMXBean;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.spark.LowrankClassifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Texts per second of LowrankClassifier in Spark's local mode against those of one thread that calls
 * the predictor, in alternating rounds; the texts are in memory in both. On a busy machine the processor time tells
 * more than the clock. See spark-rate.sh.
 */
final class SparkRate {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  public static void main(String[] args) throws IOException {
    Path model = Path.of(args[0]);
    List<String> lines = Files.readAllLines(Path.of(args[1]));
    int rounds = Integer.parseInt(args[2]);
    int count = Integer.parseInt(args[3]);
    int cores = Runtime.getRuntime().availableProcessors();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(lines.get(i % lines.size()));
    }
    Predictor predictor = Predictor.load(model);
    SparkSession spark =
        SparkSession.builder().master("local[" + cores + "]").config("spark.ui.enabled", "false").getOrCreate();
    Dataset<Row> table =
        spark.createDataset(texts, Encoders.STRING()).toDF("text").repartition(cores).cache();
    table.count();
    Dataset<Row> answers = LowrankClassifier.of(model).transform(table);
    System.out.println(
        "round\ttexts\tcores\tthread_per_s\tspark_per_s\tspark_per_thread_and_core"
            + "\tthread_per_cpu_s\tspark_per_cpu_s\tcpu_ratio");
    for (int round = 0; round <= rounds; round++) { // the first warms up
      long used = SYSTEM.getProcessCpuTime();
      double thread = count / alone(predictor, texts);
      double threadUsed = count / ((SYSTEM.getProcessCpuTime() - used) / 1e9);
      used = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      answers.write().format("noop").mode("overwrite").save();
      double all = count / ((System.nanoTime() - start) / 1e9);
      double allUsed = count / ((SYSTEM.getProcessCpuTime() - used) / 1e9);
      if (round > 0) {
        System.out.printf(
            Locale.ROOT,
            "%d\t%d\t%d\t%.0f\t%.0f\t%.3f\t%.0f\t%.0f\t%.3f%n",
            round, count, cores, thread, all, all / thread / cores, threadUsed, allUsed, allUsed / threadUsed);
      }
    }
    spark.stop();
  }

  private static double alone(Predictor predictor, List<String> texts) {
    float[] probabilities = new float[predictor.labels().size()];
    long start = System.nanoTime();
    int sum = 0;
    for (String text : texts) {
      sum += predictor.predict(text, probabilities);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (sum == Integer.MIN_VALUE) {
      System.out.println(sum); // so that the loop is not left out
    }
    return seconds;
  }
}
