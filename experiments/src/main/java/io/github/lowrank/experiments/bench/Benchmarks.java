package io.github.lowrank.experiments.bench;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Matrix;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.embedding.TruncatedSvd;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Model;
import io.github.lowrank.op.BlockLstm;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.TensorBundle;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Trainer;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.Svd;
import org.tensorflow.types.TFloat32;

/**
 * The benchmarks that need no rival library: batch 50, d = 300, Adam, texts of SST-2's lengths
 * (mean 19 words, at most 40) with word frequencies by Zipf's law.
 */
public final class Benchmarks {
  private static final int SMALL = 16_000;
  private static final int LARGE = 400_000;
  private static final int DIMENSION = 300;
  private static final double REMOVED = 0.9;
  private static final EncodedTexts TEXTS = texts(4000, 1);
  private static final EncodedTexts SPREAD = spread(TEXTS);
  private static final EncodedTexts DEV = texts(10, 2);

  private static final Lstm FUSED = new Lstm(150, 0.5, BlockLstm.Backward.FUSED);

  private Benchmarks() {}

  /**
   * All.
   *
   * @param quick fewer steps, and 50,000 instead of 400,000 rows to factorise
   */
  public static List<Benchmark> all(boolean quick) {
    int danSteps = quick ? 100 : 400;
    int lstmSteps = quick ? 15 : 60;
    int rows = quick ? 50_000 : LARGE;
    Matrix table = Matrix.uniform(rows, DIMENSION, 0.1, new Random(3));
    return List.of(
        new Benchmark(
            "DAN training step, V = 16k: uncompressed over low-rank 90 %",
            2,
            () -> train(Dan.ofPaper(), dense(SMALL), TEXTS, danSteps),
            () -> train(Dan.ofPaper(), lowRank(SMALL), TEXTS, danSteps)),
        new Benchmark(
            "DAN training step, uncompressed: V = 16k over V = 400k (1 / 1.15 allowed)",
            1 / 1.15,
            () -> train(Dan.ofPaper(), dense(SMALL), TEXTS, danSteps),
            () -> train(Dan.ofPaper(), dense(LARGE), SPREAD, danSteps)),
        new Benchmark(
            "LSTM training step, V = 16k: uncompressed over low-rank 90 %",
            1,
            () -> train(Lstm.ofPaper(), dense(SMALL), TEXTS, lstmSteps),
            () -> train(Lstm.ofPaper(), lowRank(SMALL), TEXTS, lstmSteps)),
        new Benchmark(
            "LSTM training step, V = 16k: BlockLSTMGrad over the hoisted gradient",
            1,
            () -> train(FUSED, dense(SMALL), TEXTS, lstmSteps),
            () -> train(Lstm.ofPaper(), dense(SMALL), TEXTS, lstmSteps)),
        new Benchmark(
            "DAN inference, batch 1: 1 thread over %d threads, seconds a sentence"
                .formatted(cores()),
            1.0 + 0.4 * (cores() - 1),
            () -> Inference.secondsPerSentence(1, danSteps * 10),
            () -> Inference.secondsPerSentence(cores(), danSteps * 10)),
        new Benchmark(
            "factorization of %,d x 300 to k = 30: TensorFlow's Svd over ours".formatted(rows),
            8,
            () -> tensorFlowSvd(table),
            () -> {
              long start = System.nanoTime();
              TruncatedSvd.of(table, 30);
              return (System.nanoTime() - start) / 1e9;
            }));
  }

  private static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** A small text model in a folder of its own, asked by several threads at once. */
  private static final class Inference {
    private static TextClassifier classifier;
    private static final String SENTENCE =
        "w17 w3 w5 w99 w1200 w6 w8 w1 w2 w77 w3000 w12 w7 w5 w400 w9 w31 w2 w11 w4";

    private static TextClassifier classifier() throws IOException {
      if (classifier == null) {
        Path folder = Files.createTempDirectory("lowrank-bench");
        List<String[]> words = new ArrayList<>();
        for (int i = 1; i < SMALL; i++) {
          words.add(new String[] {"w" + i});
        }
        SavedModelWriter.write(
            new TextModel(
                Classifier.initial(Dan.ofPaper(), lowRank(SMALL), 2, 1),
                Tokenizer.WORDS,
                Vocabulary.of(words),
                List.of("a", "b"),
                List.of(0.5, 0.5),
                40),
            folder.resolve("model"));
        classifier = TextClassifier.load(folder.resolve("model"));
        TensorBundle.deleteTree(folder);
      }
      return classifier;
    }

    static double secondsPerSentence(int threads, int sentences) throws IOException {
      TextClassifier model = classifier();
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try {
        List<Callable<Void>> work = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          work.add(
              () -> {
                for (int i = 0; i < sentences / threads; i++) {
                  model.predict(List.of(SENTENCE));
                }
                return null;
              });
        }
        long start = System.nanoTime();
        for (Future<Void> done : pool.invokeAll(work)) {
          done.get();
        }
        return (System.nanoTime() - start) / 1e9 / sentences;
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException("prediction failed: " + e.getMessage(), e);
      } finally {
        pool.shutdown();
      }
    }
  }

  /**
   * Texts of SST-2's lengths with word frequencies by Zipf's law, for a table of 16,000 rows.
   *
   * @param count number of texts
   */
  public static EncodedTexts texts(int count, long seed) {
    Random random = new Random(seed);
    int[][] ids = new int[count][];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      int length = (int) Math.round(19 + 9 * random.nextGaussian());
      ids[i] = new int[Math.max(2, Math.min(40, length))];
      for (int j = 0; j < ids[i].length; j++) {
        // Zipf: the probability of rank r is about 1 / r.
        ids[i][j] = (int) Math.min(SMALL - 1, Math.exp(random.nextDouble() * Math.log(SMALL)));
      }
      labels[i] = random.nextInt(2);
    }
    return new EncodedTexts(ids, labels);
  }

  /** The same texts with their rows spread over the larger table. */
  private static EncodedTexts spread(EncodedTexts texts) {
    int[][] ids = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = java.util.Arrays.stream(texts.ids()[i]).map(id -> id * (LARGE / SMALL)).toArray();
    }
    return new EncodedTexts(ids, texts.labels());
  }

  /** An uncompressed table of {@code vocabulary} rows. */
  public static EmbeddingTable dense(int vocabulary) {
    return new EmbeddingTable.Dense(Matrix.uniform(vocabulary, DIMENSION, 0.1, new Random(4)));
  }

  private static EmbeddingTable lowRank(int vocabulary) {
    int k = Rank.of(vocabulary, DIMENSION, REMOVED);
    return new EmbeddingTable.LowRank(
        new EmbeddingTable.Dense(Matrix.uniform(vocabulary, k, 0.3, new Random(5))),
        Matrix.uniform(k, DIMENSION, 0.3, new Random(6)));
  }

  /** Seconds per step of a training with Adam and batches of 50, without the first quarter. */
  public static double train(Model model, EmbeddingTable table, EncodedTexts texts, int steps)
      throws java.io.IOException {
    long[] start = {0};
    double[] seconds = {Double.NaN};
    int warmUp = steps / 4;
    TrainingListener clock =
        new TrainingListener() {
          @Override
          public void stepped(long step, float loss, float rate, int count) {
            if (step == warmUp) {
              start[0] = System.nanoTime();
            } else if (step == steps) {
              seconds[0] = (System.nanoTime() - start[0]) / 1e9 / (steps - warmUp);
            }
          }
        };
    Trainer.train(
        Classifier.initial(model, table, 2, 1),
        texts,
        DEV,
        new TrainingConfig(Optimizer.adam(), Schedule.constant(1e-3), steps, 50, steps, 0, 1),
        clock,
        Optional.empty());
    return seconds[0];
  }

  private static double tensorFlowSvd(Matrix table) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> input =
          tf.placeholder(
              TFloat32.class, Placeholder.shape(Shape.of(table.rows(), table.columns())));
      Svd<TFloat32> svd = tf.linalg.svd(input, Svd.fullMatrices(false));
      try (Session session = Sessions.open(graph);
          TFloat32 value =
              TFloat32.tensorOf(
                  Shape.of(table.rows(), table.columns()), DataBuffers.of(table.values()))) {
        long start = System.nanoTime();
        try (Result result = session.runner().feed(input, value).fetch(svd.s()).run()) {
          return (System.nanoTime() - start) / 1e9;
        }
      }
    }
  }
}
