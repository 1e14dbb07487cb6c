package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first session fixes a process's threads, so every number of them has a process. */
class ThreadsTest {
  @TempDir Path folder;

  /** Trains each model on each form of table and writes a hash of what came out. */
  public static void main(String[] args) throws IOException {
    Random random = new Random(1);
    List<EmbeddingTable> tables =
        List.of(
            new Dense(Matrix.uniform(Toy.WORDS, 40, 0.5, random)),
            new LowRank(
                new Dense(Matrix.uniform(Toy.WORDS, 6, 0.5, random)),
                Matrix.uniform(6, 40, 0.5, random)));
    StringBuilder hashes = new StringBuilder();
    for (Encoder encoder : List.of(Dan.ofPaper(), new Lstm(33, 0.5))) {
      for (EmbeddingTable table : tables) {
        TrainingResult<Classifier> result =
            Classification.train(
                Classifier.initial(encoder, new Softmax(), table, Toy.CLASSES, 1),
                Toy.texts(1030, 1), // the last batch of an epoch has 30
                Toy.texts(600, 2),
                new TrainingConfig(Optimizer.adam(), Schedule.constant(3e-3), 60, 50, 20, 0, 1),
                TrainingListener.NONE,
                Optional.empty());
        int hash = result.history().hashCode();
        hash = 31 * hash + Arrays.hashCode(result.best().table().toMatrix().values());
        for (Matrix weight : result.best().matrices().values()) {
          hash = 31 * hash + Arrays.hashCode(weight.values());
        }
        hashes.append(encoder.name()).append(' ').append(hash).append('\n');
      }
    }
    Files.writeString(Path.of(args[0]), hashes);
  }

  @Test
  void theirNumberChangesNoBit() throws Exception {
    String first = null;
    for (int threads : new int[] {1, 2, 3}) {
      Path out = folder.resolve("hashes" + threads);
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-D" + Sessions.THREADS + "=" + threads,
                  "-cp",
                  System.getProperty("java.class.path"),
                  ThreadsTest.class.getName(),
                  out.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      assertThat(process.waitFor()).as(Files.readString(folder.resolve("log"))).isZero();
      String hashes = Files.readString(out);
      assertThat(hashes).hasLineCount(4);
      first = first == null ? hashes : first;
      assertThat(hashes).as("%d threads", threads).isEqualTo(first);
    }
  }
}
