package io.github.lowrank.experiments.bench;

import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.OnnxClassifier;
import io.github.lowrank.export.OnnxFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt32;

/** A SavedModel that is written and loaded on first use, for raw strings of 20 words. */
final class Inference {
  private static final int WORDS = 20;

  private final Classifier trained;
  private TextClassifier classifier;
  private SavedModelBundle bundle;
  private Predictor predictor;
  private OnnxClassifier onnx;

  Inference(Classifier trained) {
    this.trained = trained;
  }

  private TextClassifier classifier() throws IOException {
    if (classifier == null) {
      Path folder = Files.createTempDirectory("lowrank-bench");
      List<String[]> words = new ArrayList<>();
      for (int i = 1; i < trained.table().vocabulary(); i++) {
        words.add(new String[] {"w" + i});
      }
      SavedModelWriter.write(
          new TextModel(
              trained,
              Tokenizer.WORDS,
              Vocabulary.of(words),
              List.of("a", "b"),
              List.of(0.5, 0.5),
              40),
          folder.resolve("model"));
      classifier = TextClassifier.load(folder.resolve("model"));
      bundle = SavedModels.load(folder.resolve("model"));
      Path compact = folder.resolve("model.lrk");
      CompactFile.write(folder.resolve("model"), compact, CompactFile.EXACT, false);
      predictor = Predictor.load(compact);
      Path file = folder.resolve("model.onnx");
      OnnxFile.write(folder.resolve("model"), file, OnnxFile.Input.TEXT, false);
      onnx = OnnxClassifier.load(file);
      AtomicFiles.delete(folder);
    }
    return classifier;
  }

  private List<String> sentences(int count) {
    Random random = new Random(7);
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder sentence = new StringBuilder();
      for (int j = 0; j < WORDS; j++) {
        sentence.append(" w").append(Benchmarks.word(random));
      }
      sentences.add(sentence.substring(1));
    }
    return sentences;
  }

  /** Median seconds of a call with {@code batch} sentences. */
  double secondsPerCall(int batch, int calls) throws IOException {
    List<String> sentences = sentences(batch);
    double[] seconds = new double[calls];
    for (int i = -calls / 4; i < calls; i++) {
      long start = System.nanoTime();
      classifier().predict(sentences);
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[calls / 2];
  }

  /** Median seconds of a call of ONNX Runtime with {@code batch} sentences. */
  double secondsPerOnnxCall(int batch, int calls) throws IOException {
    List<String> sentences = sentences(batch);
    classifier();
    double[] seconds = new double[calls];
    for (int i = -calls / 4; i < calls; i++) {
      long start = System.nanoTime();
      onnx.predict(sentences);
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[calls / 2];
  }

  /** Median seconds of an answer of the predictor, one sentence at a time. */
  double secondsPerCompactAnswer(int sentences) throws IOException {
    classifier();
    List<String> different = sentences(1000);
    float[] probabilities = new float[predictor.labels().size()];
    double[] seconds = new double[Math.max(4, sentences / different.size())];
    for (int i = -seconds.length; i < seconds.length; i++) {
      long start = System.nanoTime();
      for (String sentence : different) {
        predictor.predict(sentence, probabilities);
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9 / different.size();
      }
    }
    Arrays.sort(seconds);
    return seconds[seconds.length / 2];
  }

  /** Median seconds of a session call with {@code batch} texts as row numbers. */
  double secondsPerCallFromRows(int batch, int calls) throws IOException {
    Random random = new Random(7);
    int[] rows =
        random.ints((long) batch * WORDS, 0, 1).map(i -> Benchmarks.word(random)).toArray();
    classifier();
    double[] seconds = new double[calls];
    for (int i = -calls / 4; i < calls; i++) {
      long start = System.nanoTime();
      try (TInt32 input = TInt32.tensorOf(Shape.of(batch, WORDS), DataBuffers.of(rows))) {
        Sessions.caller(bundle.session())
            .feed(SavedModelWriter.ROWS, input)
            .fetch(SavedModelWriter.PROBABILITIES)
            .run()
            .close();
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[calls / 2];
  }

  /** Seconds per sentence when several threads ask for one sentence at a time. */
  double secondsPerSentence(int threads, int sentences) throws IOException {
    TextClassifier asked = classifier();
    List<String> sentence = sentences(1);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        work.add(
            () -> {
              for (int i = 0; i < sentences / threads; i++) {
                asked.predict(sentence);
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
