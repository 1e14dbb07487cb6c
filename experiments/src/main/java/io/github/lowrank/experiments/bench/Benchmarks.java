package io.github.lowrank.experiments.bench;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.op.BlockLstm;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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
  static final int DIMENSION = 300;
  private static final int SMALL = 16_000;
  private static final int TREC = 8_000;
  private static final int LARGE = 400_000;
  private static final double REMOVED = 0.9;
  private static final EncodedTexts TEXTS = texts(4000, 1);
  private static final EncodedTexts DEV = within(texts(10, 2), TREC); // for all sizes

  private static final Cnn CNN = Cnn.usual();

  private static final Lstm FUSED = new Lstm(150, 0.5, BlockLstm.Backward.FUSED);

  private Benchmarks() {}

  /**
   * All benchmarks.
   *
   * @param quick fewer steps and smaller tables to factorize
   */
  public static List<Benchmark> all(boolean quick) {
    List<Benchmark> all = new ArrayList<>(training(quick ? 400 : 1600, quick ? 15 : 60));
    all.addAll(quantizationAware(quick ? 400 : 1600));
    all.addAll(inference(quick ? 100 : 400));
    all.addAll(codes(quick ? 100 : 400));
    all.addAll(compact(quick ? 100 : 400));
    all.addAll(onnx(quick ? 100 : 400));
    all.addAll(factorization(quick ? 50_000 : LARGE));
    all.addAll(memory(quick));
    all.addAll(products());
    return all;
  }

  private static List<Benchmark> training(int dan, int lstm) {
    EncodedTexts spread = spread(TEXTS, LARGE);
    return List.of(
        Benchmark.seconds(
            "DAN training step, V = 16k: uncompressed over low-rank 90 %",
            2,
            () -> train(Dan.ofPaper(), dense(SMALL), TEXTS, dan),
            () -> train(Dan.ofPaper(), lowRank(SMALL), TEXTS, dan)),
        Benchmark.seconds(
            "DAN training step, uncompressed: V = 16k over V = 400k (1 / 1.15 allowed)",
            1 / 1.15,
            () -> train(Dan.ofPaper(), dense(SMALL), TEXTS, dan),
            () -> train(Dan.ofPaper(), dense(LARGE), spread, dan)),
        Benchmark.seconds(
            "LSTM training step, V = 16k: uncompressed over low-rank 90 %",
            1,
            () -> train(Lstm.ofPaper(), dense(SMALL), TEXTS, lstm),
            () -> train(Lstm.ofPaper(), lowRank(SMALL), TEXTS, lstm)),
        Benchmark.seconds(
            "LSTM training step, V = 16k: BlockLSTMGrad over the hoisted gradient in two halves",
            1,
            () -> train(FUSED, dense(SMALL), TEXTS, lstm),
            () -> train(Lstm.ofPaper(), dense(SMALL), TEXTS, lstm)));
  }

  /** Fake quantization at the ranks that b-bit codes give at one percent of the bytes. */
  private static List<Benchmark> quantizationAware(int steps) {
    List<Benchmark> all = new ArrayList<>();
    for (int vocabulary : new int[] {TREC, SMALL}) {
      EncodedTexts texts = within(TEXTS, vocabulary);
      for (int bits : new int[] {4, 2}) {
        LowRank floats = lowRank(vocabulary, rank(bits));
        EmbeddingTable aware = floats.withRows(rows -> QuantizationAware.of(rows, bits));
        all.add(
            Benchmark.seconds(
                "DAN training step, V = %,d, rank %d: %d-bit fake quantization over floats (1.2 times allowed)"
                    .formatted(vocabulary, floats.rank(), bits),
                1 / 1.2,
                () -> train(Dan.ofPaper(), floats, texts, steps),
                () -> train(Dan.ofPaper(), aware, texts, steps)));
      }
    }
    return all;
  }

  /**
   * Predictions from codes, 4 bits in the table and 8 elsewhere, against floats of the same rank.
   */
  private static List<Benchmark> codes(int calls) {
    LowRank floats = lowRank(SMALL, rank(4));
    EmbeddingTable aware =
        floats
            .withRows(rows -> QuantizationAware.of(rows, 4))
            .withWeights(wb -> FakeQuantizedWeight.of(wb, 8));
    Classifier trained = Classifier.initial(Dan.ofPaper(), new Softmax(), floats, 2, 1);
    Inference ofFloats = new Inference(trained);
    Inference ofCodes =
        new Inference(
            trained
                .withTable(aware)
                .withMatrices(weight -> FakeQuantizedWeight.of(weight.toMatrix(), 8))
                .packed());
    List<Benchmark> all = new ArrayList<>();
    for (int batch : new int[] {1, 64}) {
      int n = batch == 1 ? calls * 5 : calls;
      all.add(
          Benchmark.seconds(
              "DAN SavedModel, batch %d from row numbers: rank %d in floats over 4-bit codes"
                  .formatted(batch, floats.rank()),
              1,
              () -> ofFloats.secondsPerCallFromRows(batch, n),
              () -> ofCodes.secondsPerCallFromRows(batch, n)));
      all.add(
          Benchmark.seconds(
              "DAN SavedModel, batch %d from strings: rank %d in floats over 4-bit codes"
                  .formatted(batch, floats.rank()),
              1,
              () -> ofFloats.secondsPerCall(batch, n),
              () -> ofCodes.secondsPerCall(batch, n)));
    }
    return all;
  }

  /** One text at a time: TensorFlow's session against the predictor of the compact file. */
  private static List<Benchmark> compact(int calls) {
    LowRank floats = lowRank(SMALL, 29);
    EmbeddingTable packed = floats.withRows(rows -> QuantizationAware.of(rows, 4)).packed();
    List<Benchmark> all = new ArrayList<>();
    for (Encoder encoder : List.of(Dan.ofPaper(), CNN, Lstm.ofPaper())) {
      Inference model = new Inference(Classifier.initial(encoder, new Softmax(), packed, 2, 1));
      int n = (encoder.pools() ? 1000 : encoder.equals(CNN) ? 100 : 10) * calls;
      all.add(
          Benchmark.seconds(
              "%s, rank %d in 4-bit codes, batch 1 from strings: SavedModel over compact file"
                  .formatted(encoder.name().toUpperCase(java.util.Locale.ROOT), floats.rank()),
              encoder.pools() ? 10 : 1,
              () -> model.secondsPerCall(1, 5 * calls),
              () -> model.secondsPerCompactAnswer(n)));
    }
    return all;
  }

  /** One text at a time: TensorFlow's session, ONNX Runtime, and the predictor. */
  private static List<Benchmark> onnx(int calls) {
    LowRank floats = lowRank(SMALL, 29);
    EmbeddingTable packed = floats.withRows(rows -> QuantizationAware.of(rows, 4)).packed();
    List<Benchmark> all = new ArrayList<>();
    for (Encoder encoder : List.of(Dan.ofPaper(), CNN, Lstm.ofPaper())) {
      Inference model = new Inference(Classifier.initial(encoder, new Softmax(), packed, 2, 1));
      boolean pools = encoder.pools();
      String name =
          "%s, rank %d in 4-bit codes, batch 1 from strings: "
              .formatted(encoder.name().toUpperCase(java.util.Locale.ROOT), floats.rank());
      all.add(
          Benchmark.seconds(
              name + "SavedModel over onnx",
              pools ? 2 : 0,
              () -> model.secondsPerCall(1, 5 * calls),
              () -> model.secondsPerOnnxCall(1, 5 * calls)));
      all.add(
          Benchmark.seconds(
              name + "onnx over compact file",
              pools ? 4 : 0,
              () -> model.secondsPerOnnxCall(1, 5 * calls),
              () -> model.secondsPerCompactAnswer(pools ? 1000 * calls : 10 * calls)));
    }
    return all;
  }

  /** Numbers of b bits in a row of one percent of the bytes: 24 of four bits, 48 of two. */
  private static int rank(int bits) {
    return DIMENSION * Float.SIZE / 100 / bits;
  }

  private static List<Benchmark> inference(int calls) {
    List<Benchmark> all = new ArrayList<>();
    for (Encoder encoder : List.of(Dan.ofPaper(), Lstm.ofPaper())) {
      Classifier trained = Classifier.initial(encoder, new Softmax(), dense(SMALL), 2, 1);
      EmbeddingTable eightBits =
          new FixedPoint(
              PackedCodes.quantize(
                  trained.table().toMatrix(), 8, PackedCodes.Granularity.PER_TENSOR));
      Inference uncompressed = new Inference(trained);
      Inference folded = new Inference(trained.withTable(lowRank(SMALL)));
      Inference codes = new Inference(trained.withTable(eightBits));
      String name = encoder.name().toUpperCase(java.util.Locale.ROOT);
      for (int batch : new int[] {1, 64}) {
        int n = batch == 1 ? calls * 5 : calls;
        double target = batch == 64 && encoder.pools() ? 1.5 : 1;
        all.add(
            Benchmark.seconds(
                "%s SavedModel, batch %d from row numbers: uncompressed over low-rank 90 %%"
                    .formatted(name, batch),
                target,
                () -> uncompressed.secondsPerCallFromRows(batch, n),
                () -> folded.secondsPerCallFromRows(batch, n)));
        all.add(
            Benchmark.seconds(
                "%s SavedModel, batch %d from strings: uncompressed over low-rank 90 %%"
                    .formatted(name, batch),
                target,
                () -> uncompressed.secondsPerCall(batch, n),
                () -> folded.secondsPerCall(batch, n)));
        all.add(
            Benchmark.seconds(
                "%s SavedModel, batch %d from strings: uncompressed over 8-bit fixed point"
                    .formatted(name, batch),
                0,
                () -> uncompressed.secondsPerCall(batch, n),
                () -> codes.secondsPerCall(batch, n)));
      }
    }
    int cores = Runtime.getRuntime().availableProcessors();
    Inference folded =
        new Inference(Classifier.initial(Dan.ofPaper(), new Softmax(), lowRank(SMALL), 2, 1));
    all.add(
        Benchmark.seconds(
            "DAN SavedModel, batch 1: 1 thread over %d threads, seconds a sentence"
                .formatted(cores),
            1.0 + 0.4 * (cores - 1),
            () -> folded.secondsPerSentence(1, calls * 20),
            () -> folded.secondsPerSentence(cores, calls * 20)));
    return all;
  }

  private static List<Benchmark> factorization(int rows) {
    Matrix table = Matrix.uniform(rows, DIMENSION, 0.1, new Random(3));
    return List.of(
        Benchmark.seconds(
            "factorization of %,d x 300 to k = 30: TensorFlow's Svd over ours".formatted(rows),
            8,
            () -> tensorFlowSvd(table),
            () -> {
              long start = System.nanoTime();
              TruncatedSvd.of(table, 30);
              return (System.nanoTime() - start) / 1e9;
            }));
  }

  private static List<Benchmark> memory(boolean quick) {
    int rows = quick ? 100_000 : LARGE;
    int streamed = quick ? 500_000 : 2_000_000;
    double tables = 3 * 4e-6 * rows * DIMENSION;
    return List.of(
        new Benchmark(
            "DAN training, V = %,d: table and moments of Adam over memory (1 / 1.15 allowed)"
                .formatted(rows),
            "MB",
            1 / 1.15,
            () -> tables,
            () -> Memory.megabytes(Memory.Probe.TRAINING, rows)),
        new Benchmark(
            "factorization of %,d x 300: 100 MB over extra memory".formatted(rows),
            "MB",
            1,
            () -> 100,
            () -> Memory.megabytes(Memory.Probe.FACTORIZATION, rows)),
        new Benchmark(
            "factorization of %,d x 300 from a file: 100 MB over memory".formatted(streamed),
            "MB",
            1,
            () -> 100,
            () -> Memory.megabytes(Memory.Probe.STREAMED_FACTORIZATION, streamed)));
  }

  /** The products that limit the LSTM: one over all words of a batch, and one at a single word. */
  private static List<Benchmark> products() {
    int cores = Runtime.getRuntime().availableProcessors();
    return List.of(
        new Benchmark(
            "products [1000, 300] x [300, 600]: %d threads over 1".formatted(cores),
            "GFLOP/s",
            0,
            () -> Products.gigaflops(1000, DIMENSION, 600, cores),
            () -> Products.gigaflops(1000, DIMENSION, 600, 1)),
        new Benchmark(
            "products [25, 450] x [450, 600]: %d threads over 1".formatted(cores),
            "GFLOP/s",
            0,
            () -> Products.gigaflops(25, 450, 600, cores),
            () -> Products.gigaflops(25, 450, 600, 1)));
  }

  /** A row number by Zipf's law: the probability of rank r is about 1 / r. */
  static int word(Random random) {
    return (int) Math.min(SMALL - 1, Math.exp(random.nextDouble() * Math.log(SMALL)));
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
        ids[i][j] = word(random);
      }
      labels[i] = random.nextInt(2);
    }
    return EncodedTexts.of(ids, labels);
  }

  /** The same texts with their rows spread over a larger table. */
  static EncodedTexts spread(EncodedTexts texts, int rows) {
    int[][] ids = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Arrays.stream(texts.ids(i)).map(id -> id * (rows / SMALL)).toArray();
    }
    return EncodedTexts.of(ids, texts.labels());
  }

  /** The same texts with their rare words merged into a smaller table. */
  private static EncodedTexts within(EncodedTexts texts, int rows) {
    int[][] ids = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Arrays.stream(texts.ids(i)).map(id -> Math.min(id, rows - 1)).toArray();
    }
    return EncodedTexts.of(ids, texts.labels());
  }

  /** An uncompressed table of {@code vocabulary} rows. */
  public static EmbeddingTable dense(int vocabulary) {
    return new Dense(Matrix.uniform(vocabulary, DIMENSION, 0.1, new Random(4)));
  }

  private static EmbeddingTable lowRank(int vocabulary) {
    return lowRank(vocabulary, Rank.of(vocabulary, DIMENSION, REMOVED));
  }

  private static LowRank lowRank(int vocabulary, int rank) {
    return LowRank.of(
        new TruncatedSvd.Factors(
            Matrix.uniform(vocabulary, rank, 0.3, new Random(5)),
            Matrix.uniform(rank, DIMENSION, 0.3, new Random(6))));
  }

  /** Seconds per step of a training with Adam and batches of 50, without the first quarter. */
  public static double train(Encoder encoder, EmbeddingTable table, EncodedTexts texts, int steps)
      throws IOException {
    long[] start = {0};
    double[] seconds = {Double.NaN};
    int warmUp = steps / 4;
    train(
        encoder,
        table,
        texts,
        steps,
        new TrainingListener() {
          @Override
          public void stepped(long step, float loss, float rate, int count) {
            if (step == warmUp) {
              start[0] = System.nanoTime();
            } else if (step == steps) {
              seconds[0] = (System.nanoTime() - start[0]) / 1e9 / (steps - warmUp);
            }
          }
        });
    return seconds[0];
  }

  static void train(
      Encoder encoder,
      EmbeddingTable table,
      EncodedTexts texts,
      int steps,
      TrainingListener listener)
      throws IOException {
    Classification.train(
        Classifier.initial(encoder, new Softmax(), table, 2, 1),
        texts,
        DEV,
        new TrainingConfig(Optimizer.adam(), Schedule.constant(1e-3), steps, 50, steps, 0, 1),
        listener,
        Optional.empty());
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
