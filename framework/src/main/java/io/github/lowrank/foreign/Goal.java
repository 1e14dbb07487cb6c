package io.github.lowrank.foreign;

import io.github.lowrank.train.Metric;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** What the outputs of a model shall be while the factors of its table learn. */
interface Goal {
  /** How near the outputs are to the goal on held-out texts. */
  Metric metric();

  /** What the whole table must reach at least for the goal to make sense. */
  double least();

  /** The mean loss of {@code answer} against what {@link #target} gives. */
  Operand<TFloat32> loss(Ops tf, Operand<TFloat32> answer, Operand<TFloat32> target);

  /**
   * What is fed as the target of a batch.
   *
   * @param answer of the model with its whole table
   * @param classes of the batch's texts
   * @param made is given what the caller has to close
   */
  Tensor target(Tensor answer, int[] classes, List<Tensor> made);

  /** An empty sum of the metric. */
  Score score();

  /** Sums the metric over batches. */
  interface Score {
    /** Adds the outputs of a batch: with the whole table, and with the factors. */
    void add(float[] was, float[] is, int[] classes);

    /** The metric over all that was added. */
    double value();
  }

  /** The outputs shall be those of the model with its whole table: mean squared difference. */
  final class Outputs implements Goal {
    private static final Metric DIFFERENCE = new Metric("relative difference", false);

    @Override
    public Metric metric() {
      return DIFFERENCE;
    }

    @Override
    public double least() {
      return 0;
    }

    @Override
    public Operand<TFloat32> loss(Ops tf, Operand<TFloat32> answer, Operand<TFloat32> target) {
      return mean(tf, tf.math.squaredDifference(answer, target));
    }

    @Override
    public Tensor target(Tensor answer, int[] classes, List<Tensor> made) {
      return answer;
    }

    /** Frobenius norm of the difference over that of the outputs. */
    @Override
    public Score score() {
      return new Score() {
        private double squares;
        private double all;

        @Override
        public void add(float[] was, float[] is, int[] classes) {
          for (int j = 0; j < was.length; j++) {
            squares += (was[j] - (double) is[j]) * (was[j] - (double) is[j]);
            all += (double) was[j] * was[j];
          }
        }

        @Override
        public double value() {
          return Math.sqrt(squares / all);
        }
      };
    }
  }

  /**
   * The outputs shall give the labels of the texts: cross-entropy.
   *
   * @param columns of the output, one per class; 1: the second of two classes
   * @param probabilities whether the outputs are probabilities; else logits
   */
  record Labels(int columns, boolean probabilities) implements Goal {
    private static final float SMALL = 1e-7f;
    private static final int SHOWN = 5;

    private static boolean numbers(List<String> labels) {
      return labels.stream().allMatch(label -> label.matches("\\d{1,9}"));
    }

    /**
     * Class numbers of labels: the labels themselves if all are numbers, else their places in
     * alphabetical order, as Keras and scikit-learn number classes.
     */
    static int[] classes(List<String> labels) {
      List<String> names = List.copyOf(new TreeSet<>(labels));
      return numbers(labels)
          ? labels.stream().mapToInt(Integer::parseInt).toArray()
          : labels.stream().mapToInt(label -> Collections.binarySearch(names, label)).toArray();
    }

    /**
     * The goal for a model that answers {@code count} texts by {@code answer}.
     *
     * @throws IOException if the output does not give the classes of {@code labels}
     */
    static Labels of(Tensor answer, int count, List<String> labels) throws IOException {
      Shape shape = answer.shape();
      if (shape.numDimensions() != 2 || shape.get(0) != count) {
        throw new IOException(
            "cannot train with labels: expected an output of the shape [%d, classes] for %d texts, found %s"
                .formatted(count, count, shape));
      }
      int columns = (int) shape.get(1);
      int classes = Math.max(2, columns);
      TreeSet<String> found = new TreeSet<>(labels);
      int[] numbers = classes(List.copyOf(found));
      if (numbers(labels)
          ? found.size() < 2 || Arrays.stream(numbers).max().orElse(0) >= classes
          : found.size() != classes) {
        throw new IOException(
            "cannot train with labels: the model has %d classes, expected their numbers 0 to %d or %d names, found %d different labels: %s"
                .formatted(
                    classes,
                    classes - 1,
                    classes,
                    found.size(),
                    found.stream().limit(SHOWN).collect(Collectors.joining(", "))
                        + (found.size() > SHOWN ? ", ..." : "")));
      }
      return new Labels(columns, probabilities(Distillation.floats(answer), columns));
    }

    private static boolean probabilities(float[] values, int columns) {
      for (int i = 0; i < values.length; i += columns) {
        double sum = 0;
        for (int c = 0; c < columns; c++) {
          if (!(values[i + c] >= 0 && values[i + c] <= 1)) {
            return false;
          }
          sum += values[i + c];
        }
        if (columns > 1 && Math.abs(sum - 1) > 1e-3) {
          return false;
        }
      }
      return true;
    }

    private int count() {
      return Math.max(2, columns);
    }

    @Override
    public Metric metric() {
      return Metric.ACCURACY;
    }

    /** Chance; below it the classes are probably numbered otherwise. */
    @Override
    public double least() {
      return 1.0 / count();
    }

    @Override
    public Operand<TFloat32> loss(Ops tf, Operand<TFloat32> answer, Operand<TFloat32> target) {
      Operand<TFloat32> logits =
          probabilities ? tf.math.log(tf.math.add(answer, tf.constant(SMALL))) : answer;
      if (columns == 1) { // the sigmoid of z is the softmax of (0, z)
        Operand<TFloat32> other =
            probabilities
                ? tf.math.log(tf.math.sub(tf.constant(1 + SMALL), answer))
                : tf.zerosLike(answer);
        logits = tf.concat(List.of(other, logits), tf.constant(1));
      }
      return mean(tf, tf.nn.softmaxCrossEntropyWithLogits(logits, target).loss());
    }

    @Override
    public Tensor target(Tensor answer, int[] classes, List<Tensor> made) {
      float[] oneHot = new float[classes.length * count()];
      for (int i = 0; i < classes.length; i++) {
        oneHot[i * count() + classes[i]] = 1;
      }
      TFloat32 target =
          TFloat32.tensorOf(Shape.of(classes.length, count()), DataBuffers.of(oneHot));
      made.add(target);
      return target;
    }

    private int answer(float[] values, int text) {
      if (columns == 1) {
        return values[text] > (probabilities ? 0.5f : 0) ? 1 : 0;
      }
      int best = 0;
      for (int c = 1; c < columns; c++) {
        best = values[text * columns + c] > values[text * columns + best] ? c : best;
      }
      return best;
    }

    /** Share of the texts that are classified as labelled. */
    @Override
    public Score score() {
      return new Score() {
        private int texts;
        private int right;

        @Override
        public void add(float[] was, float[] is, int[] classes) {
          for (int i = 0; i < classes.length; i++) {
            texts++;
            right += answer(is, i) == classes[i] ? 1 : 0;
          }
        }

        @Override
        public double value() {
          return (double) right / texts;
        }
      };
    }
  }

  private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> values) {
    return tf.math.mean(tf.reshape(values, tf.array(-1)), tf.constant(0));
  }
}
