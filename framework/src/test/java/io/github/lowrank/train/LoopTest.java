package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.TruncatedTable;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoopTest {
  private static final EncodedTexts TRAIN = Toy.texts(600, 1);
  private static final EncodedTexts DEV = Toy.texts(200, 2);

  @TempDir Path folder;

  static List<EmbeddingTable> tables() {
    return List.of(Toy.dense(), Toy.lowRank());
  }

  private static TrainingConfig config(long steps, Schedule schedule) {
    return new TrainingConfig(Optimizer.adam(), schedule, steps, 20, 20, 0, 7);
  }

  private static TrainingResult<Classifier> train(EmbeddingTable table, TrainingConfig config)
      throws IOException {
    return Classification.train(
        Toy.classifier(table), TRAIN, DEV, config, TrainingListener.NONE, Optional.empty());
  }

  private static List<float[]> numbers(Classifier c) {
    List<float[]> all = new ArrayList<>();
    if (c.table() instanceof LowRank l) {
      all.add(l.wa().toMatrix().values());
      all.add(l.wb().toMatrix().values());
    } else {
      all.add(c.table().toMatrix().values());
    }
    for (Matrix m : c.matrices().values()) {
      all.add(m.values());
    }
    return all;
  }

  private static void assertSame(TrainingResult<Classifier> a, TrainingResult<Classifier> b) {
    assertThat(a.history()).isEqualTo(b.history());
    assertThat(a.bestStep()).isEqualTo(b.bestStep());
    List<float[]> x = numbers(a.best());
    List<float[]> y = numbers(b.best());
    for (int i = 0; i < x.size(); i++) {
      assertThat(x.get(i)).containsExactly(y.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void learnsAndLeavesThePaddingRowAlone(EmbeddingTable table) throws IOException {
    TrainingResult<Classifier> result = train(table, config(300, Schedule.constant(0.01)));
    assertThat(result.history().get(0).selected()).isLessThan(0.7);
    assertThat(result.metric()).isGreaterThan(0.85);
    Matrix trained = result.best().table().toMatrix();
    for (int i = 0; i < trained.columns(); i++) {
      assertThat(trained.get(0, i)).isZero();
    }
    assertThat(result.metric())
        .isEqualTo(
            Predictor.accuracy(
                Predictor.classes(Predictor.scores(result.best(), DEV)), DEV.labels()));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void sameSeedSameBits(EmbeddingTable table) throws IOException {
    TrainingConfig config = config(100, Schedule.calr(1e-5, 0.01, 0.1, 10, 40));
    assertSame(train(table, config), train(table, config));
  }

  static List<EmbeddingTable> resumed() {
    // Codes do not train; what is behind them does.
    LowRank lowRank = Toy.lowRank();
    return List.of(
        Toy.dense(),
        lowRank,
        lowRank.withRows(
            rows ->
                new FixedPoint(PackedCodes.quantize(rows, 8, PackedCodes.Granularity.PER_ROW))));
  }

  @ParameterizedTest
  @MethodSource("resumed")
  void resumesBitForBit(EmbeddingTable table) throws IOException {
    resumes(table, config(100, Schedule.calr(1e-5, 0.01, 0.1, 10, 40)));
  }

  static List<TrainingConfig> scheduleFree() {
    return List.of(
        new TrainingConfig(
            Optimizer.scheduleFreeSgd(),
            Shape.named("warmup-constant").schedule(1, 100),
            100,
            20,
            20,
            0,
            7),
        new TrainingConfig(
            Optimizer.scheduleFreeAdamW(),
            Shape.named("warmup-constant").schedule(0.01, 100),
            100,
            20,
            20,
            0,
            7));
  }

  @ParameterizedTest
  @MethodSource("scheduleFree")
  void scheduleFreeOptimizersResumeBitForBit(TrainingConfig config) throws IOException {
    resumes(Toy.lowRank(), config);
  }

  @ParameterizedTest
  @MethodSource("scheduleFree")
  void whatIsKeptIsWhatWasEvaluated(TrainingConfig config) throws IOException {
    TrainingResult<Classifier> result = train(Toy.dense(), config);
    assertThat(result.bestStep()).isPositive();
    assertThat(Predictor.quality(Predictor.scores(result.best(), DEV), DEV))
        .isEqualTo(result.metric());
  }

  private void resumes(EmbeddingTable table, TrainingConfig config) throws IOException {
    Optional<Checkpointing> checkpoint =
        Optional.of(new Checkpointing(folder.resolve("c"), Duration.ZERO));
    TrainingListener crash =
        new TrainingListener() {
          @Override
          public void stepped(long step, float loss, float rate, int texts) {
            if (step == 70) {
              throw new IllegalStateException("crash");
            }
          }
        };
    assertThatThrownBy(
            () ->
                Classification.train(Toy.classifier(table), TRAIN, DEV, config, crash, checkpoint))
        .hasMessage("crash");
    long[] from = {0};
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void started(long step, long steps) {
            from[0] = step;
          }
        };
    TrainingResult<Classifier> resumed =
        Classification.train(Toy.classifier(table), TRAIN, DEV, config, watch, checkpoint);
    assertThat(from[0]).isEqualTo(60);
    assertSame(resumed, train(table, config));
  }

  @Test
  void aDamagedCheckpointIsNamedBeforeAnythingChanges() throws IOException {
    Path file = folder.resolve("c");
    TrainingConfig config = config(40, Schedule.constant(0.01));
    Optional<Checkpointing> checkpoint = Optional.of(new Checkpointing(file, Duration.ZERO));
    Classification.train(
        Toy.classifier(Toy.dense()), TRAIN, DEV, config, TrainingListener.NONE, checkpoint);
    // That of another architecture is of no use either.
    assertThatThrownBy(
            () ->
                Classification.train(
                    Toy.classifier(Toy.lowRank()),
                    TRAIN,
                    DEV,
                    config,
                    TrainingListener.NONE,
                    checkpoint))
        .isInstanceOf(Checkpointing.UnusableException.class)
        .hasMessageContaining(
            file + " is of another training: expected 244 numbers of embedding_wa");
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 100));
    assertThatThrownBy(
            () ->
                Classification.train(
                    Toy.classifier(Toy.dense()),
                    TRAIN,
                    DEV,
                    config,
                    TrainingListener.NONE,
                    checkpoint))
        .isInstanceOfSatisfying(
            Checkpointing.UnusableException.class, e -> assertThat(e.file()).isEqualTo(file))
        .hasMessageContaining(file + " is damaged");
  }

  @Test
  void stopsWhenOutOfPatience() throws IOException {
    TrainingConfig patient =
        new TrainingConfig(Optimizer.sgd(), Schedule.constant(1e-9), 1000, 20, 10, 3, 7);
    assertThat(train(Toy.dense(), patient).history()).hasSize(4);
  }

  @Test
  void saysWhenTheLossExplodes() {
    assertThatThrownBy(
            () ->
                train(
                    Toy.dense(),
                    new TrainingConfig(
                        Optimizer.sgd(), Schedule.constant(1e30), 100, 20, 10, 0, 7)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("the learning rate 1.0E30 may be too high");
  }

  @Test
  void lastUpdateMayBeTheOneThatDiverges() {
    assertThatThrownBy(
            () ->
                train(
                    Toy.dense(),
                    new TrainingConfig(
                        Optimizer.sgd(),
                        Schedule.constant(Float.POSITIVE_INFINITY),
                        1,
                        20,
                        1,
                        0,
                        7)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("the scores of dev became NaN at step 1");
  }

  /** The penalty is least when the largest singular value grows without bound. */
  @Test
  void weightsWithoutADecompositionAreADivergence() {
    TrainingConfig config =
        new TrainingConfig(Optimizer.sgd(), Schedule.constant(0.1), 300, 20, 50, 0, 7);
    assertThatThrownBy(() -> train(penalized(Toy.dense().toMatrix()), config))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("the projector on 2 eigenvectors has no gradient")
        .hasMessageEndingWith("the learning rate 0.1 may be too high")
        .hasMessageNotContaining("{{");
    // The first step may be the one: a former training can end with such weights.
    assertThatThrownBy(() -> train(penalized(new Matrix(Toy.WORDS, 4, new float[244])), config))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("has no gradient")
        .hasMessageEndingWith("at step 1: the learning rate 0.1 may be too high");
  }

  private static TruncatedTable penalized(Matrix table) {
    return TruncatedTable.of(table, 2, Through.TRUNCATION, Penalty.NUCLEAR_NORM, 1e3);
  }

  @Test
  void listenerMayAcceptADivergence() throws IOException {
    List<Long> steps = new ArrayList<>();
    TrainingResult<Classifier> result =
        Classification.train(
            Toy.classifier(Toy.dense()),
            TRAIN,
            DEV,
            new TrainingConfig(Optimizer.sgd(), Schedule.constant(1e30), 100, 20, 10, 0, 7),
            new TrainingListener() {
              @Override
              public void diverged(DivergedException divergence) {
                steps.add(divergence.step());
              }
            },
            Optional.empty());
    assertThat(steps).hasSize(1).allMatch(step -> step > 1 && step <= 100);
    assertThat(result.history()).isNotEmpty().allMatch(e -> e.step() < steps.get(0));
    assertThat(result.best().table().toMatrix().values()).doesNotContain(Float.NaN);
  }

  @Test
  void everyOptimizerLearns() throws IOException {
    record Case(Optimizer optimizer, double rate) {}
    for (Case c :
        List.of(
            new Case(Optimizer.sgd(), 0.5),
            new Case(Optimizer.momentum(), 0.05),
            new Case(Optimizer.adaGrad(), 0.1),
            new Case(Optimizer.rmsProp(), 0.005),
            new Case(Optimizer.scheduleFreeSgd(), 1),
            new Case(Optimizer.scheduleFreeAdamW(), 0.01))) {
      TrainingResult<Classifier> result =
          train(
              Toy.lowRank(),
              new TrainingConfig(c.optimizer(), Schedule.constant(c.rate()), 300, 20, 50, 0, 7));
      assertThat(result.metric()).as("%s", c).isGreaterThan(0.8);
    }
  }
}
