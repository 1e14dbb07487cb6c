package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.train.Checkpointing;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.Loop;
import io.github.lowrank.train.Metric;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import io.github.lowrank.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;
import org.example.MatrixFactorization.Factors;
import org.example.MatrixFactorization.Ratings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An objective of somebody else's in the one loop. */
class MatrixFactorizationTest {
  private static final int USERS = 60;
  private static final int ITEMS = 40;
  private static final int RANK = 3;
  private static final double NOISE = 0.05;

  @TempDir Path folder;

  private static Ratings ratings(int count, long seed) {
    Factors truth = Factors.initial(USERS, ITEMS, RANK, 11);
    Random random = new Random(seed);
    Ratings some = new Ratings(new int[count], new int[count], new float[count]);
    for (int n = 0; n < count; n++) {
      some.users()[n] = random.nextInt(USERS);
      some.items()[n] = random.nextInt(ITEMS);
      double rating = NOISE * random.nextGaussian();
      for (int k = 0; k < RANK; k++) {
        // Four times, so that a rating is large beside the noise.
        rating += 4 * truth.users().get(some.users()[n], k) * truth.items().get(some.items()[n], k);
      }
      some.values()[n] = (float) rating;
    }
    return some;
  }

  private static TrainingResult<Factors> train(
      TrainingListener listener, Optional<Checkpointing> checkpointing) throws IOException {
    MatrixFactorization objective =
        new MatrixFactorization(
            Factors.initial(USERS, ITEMS, RANK, 5), ratings(1500, 1), ratings(300, 2), 50, 7);
    TrainingConfig config =
        new TrainingConfig(Optimizer.adam(), Schedule.constant(0.02), 600, 50, 20, 0, 7);
    return Loop.run(objective, config, listener, checkpointing);
  }

  @Test
  void findsTheFactors() throws IOException {
    TrainingResult<Factors> result = train(TrainingListener.NONE, Optional.empty());
    double before = result.history().get(0).selected();
    double spread = 0;
    for (float rating : ratings(300, 2).values()) {
      spread += rating * rating / 300;
    }
    assertThat(before).isGreaterThan(0.9 * Math.sqrt(spread));
    assertThat(result.metric()).isBetween(0.9 * NOISE, 4 * NOISE);
    Evaluation best =
        result.history().stream().min(Comparator.comparing(Evaluation::selected)).orElseThrow();
    assertThat(result.bestStep()).isEqualTo(best.step());
    assertThat(best.dev().keySet()).containsExactly("rmse", "mse");
    assertThat(best.dev().get("mse")).isCloseTo(result.metric() * result.metric(), within(1e-9));
  }

  @Test
  void saysWhichMetricIsMissing() {
    MatrixFactorization objective =
        new MatrixFactorization(
            Factors.initial(USERS, ITEMS, RANK, 5), ratings(10, 1), ratings(10, 2), 5, 7) {
          @Override
          public Metric metric() {
            return new Metric("mae", false);
          }
        };
    TrainingConfig config =
        new TrainingConfig(Optimizer.sgd(), Schedule.constant(0.02), 1, 5, 1, 0, 7);
    assertThatThrownBy(() -> Loop.run(objective, config, TrainingListener.NONE, Optional.empty()))
        .hasMessageStartingWith("expected the metric 'mae' that selects among those evaluated")
        .hasMessageContaining("rmse");
  }

  @Test
  void goesOnAfterACrashBitForBit() throws IOException {
    Optional<Checkpointing> checkpoint =
        Optional.of(new Checkpointing(folder.resolve("checkpoint"), Duration.ZERO));
    TrainingListener crash =
        new TrainingListener() {
          @Override
          public void stepped(long step, float loss, float rate, int examples) {
            if (step == 330) {
              throw new IllegalStateException("crash");
            }
          }
        };
    assertThatThrownBy(() -> train(crash, checkpoint)).hasMessage("crash");
    long[] from = {0};
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void started(long step, long steps) {
            from[0] = step;
          }
        };
    TrainingResult<Factors> resumed = train(watch, checkpoint);
    TrainingResult<Factors> whole = train(TrainingListener.NONE, Optional.empty());
    assertThat(from[0]).isEqualTo(320);
    assertThat(resumed.history()).isEqualTo(whole.history());
    assertThat(resumed.bestStep()).isEqualTo(whole.bestStep());
    assertSame(resumed.best(), whole.best());
    Path stored = folder.resolve("factors");
    ArrayFile.write(stored, whole.best());
    assertSame(ArrayFile.read(stored).get(0, Factors.class), whole.best());
  }

  private static void assertSame(Factors a, Factors b) {
    assertSame(a.users(), b.users());
    assertSame(a.items(), b.items());
  }

  private static void assertSame(Matrix a, Matrix b) {
    assertThat(a.rows()).isEqualTo(b.rows());
    assertThat(a.values()).containsExactly(b.values());
  }
}
