package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.Executor;
import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.run.Store;
import io.github.lowrank.experiments.run.WorkerProcesses;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Project;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.Workbench;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** A thing is added in one file: the classes of this package, of which the library knows none. */
class AddedFromOutsideTest {
  @TempDir static Path folder;

  private static ExperimentRun.Result whole;

  @BeforeAll
  static void run() throws IOException {
    whole = run("whole", Executor.here(), Store.Existing.REFUSE);
  }

  private static ExperimentRun.Result run(String out, Executor executor, Store.Existing existing)
      throws IOException {
    return new ExperimentRun(Toys.experiment(), new DataRoot(folder), folder.resolve(out))
        .executor(executor)
        .existing(existing)
        .run();
  }

  /** All of a run but its times: rows, answers on test, evaluations. */
  private static List<Object> withoutTimes(String run) throws IOException {
    Path path = folder.resolve(run);
    List<Object> all = new ArrayList<>();
    for (Row row : Row.read(path.resolve(Row.FILE))) {
      all.add(
          List.of(
              row.id(),
              row.label(),
              row.parameters(),
              row.scores(),
              row.size(),
              row.training().steps(),
              row.training().stepsTo99(),
              row.training().learningRate()));
    }
    all.add(Files.readString(path.resolve("correct.csv")));
    all.add(Files.readString(path.resolve("history.csv")));
    return all;
  }

  @Test
  void learnsAndIsReported() throws IOException {
    Map<String, Row> rows = new java.util.HashMap<>();
    whole.rows().forEach(row -> rows.put(row.method(), row));
    assertThat(rows).containsOnlyKeys("baseline", "hashed", "noisy", "signs");
    Map<String, List<Evaluation>> history = History.read(whole.directory());
    for (String trial : List.of("baseline-seed1", "signs-seed1")) {
      assertThat(history.get(trial).get(0).selected()).as(trial).isLessThan(0.1);
      assertThat(rows.get(trial.split("-")[0]).devAccuracy()).as(trial).isGreaterThan(0.15);
    }
    // Less right after it was hashed than when it has trained on.
    List<Evaluation> hashed = history.get("hashed-90-seed1");
    int middle = hashed.size() / 2;
    assertThat(hashed.get(middle).loss()).isNaN();
    assertThat(rows.get("hashed").devAccuracy())
        .isGreaterThan(hashed.get(middle).selected())
        .isLessThan(rows.get("baseline").devAccuracy());
    assertThat(rows.values())
        .allSatisfy(row -> assertThat(row.parameters()).containsEntry("head", "centroids"));
    int words = (int) rows.get("baseline").size().embeddingParameters() / 300;
    assertThat(rows.get("hashed").parameters())
        .containsEntry("removed", 0.9)
        .containsEntry("buckets", (words - 1) / 10);
    assertThat(rows.get("hashed").embeddingBytes())
        .isLessThan(rows.get("baseline").embeddingBytes() / 9);
    assertThat(rows.get("noisy").parameters()).containsEntry("noise", 0.1);
    assertThat(rows.get("noisy").number("noise_cost").orElseThrow())
        .isCloseTo(
            rows.get("baseline").devAccuracy() - rows.get("noisy").devAccuracy(), within(1e-12))
        .isPositive();
    assertThat(rows.get("signs").parameters())
        .containsEntry("optimizer", "sign-descent")
        .containsEntry("schedule", "staircase-3");
    assertThat(Files.readString(whole.directory().resolve("trials.csv")).lines().findFirst())
        .get()
        .asString()
        .contains("buckets", "noise", "noise_cost", "optimizer", "schedule", "head");
    assertThat(Files.readString(whole.directory().resolve("report.md")))
        .contains("hashed 90 %", "noisy 0.1", "buckets", "noise_cost", "staircase-3", "centroids")
        .contains("mean-of-words");
  }

  @Test
  void killedRunGoesOnToTheSameRows() throws Exception {
    Path killed = folder.resolve("killed");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Toys.class.getName(),
                "--out",
                killed.toString(),
                "--data",
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("killed.log").toFile())
            .start();
    Path states = killed.resolve("state/states");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!holdsAFile(states) && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    process.destroyForcibly().waitFor();
    assertThat(states).as(Files.readString(folder.resolve("killed.log"))).exists();
    assertThat(killed.resolve("trials.csv")).doesNotExist();
    run("killed", new Backwards(), Store.Existing.RESUME);
    assertThat(withoutTimes("killed")).isEqualTo(withoutTimes("whole"));
    assertThat(killed.resolve("state/damaged")).doesNotExist();
  }

  private static boolean holdsAFile(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(f -> !f.getFileName().toString().startsWith("."));
    }
  }

  @Test
  void workerProcessesFindTheSame() throws IOException {
    run("workers", new WorkerProcesses(2), Store.Existing.REFUSE);
    assertThat(withoutTimes("workers")).isEqualTo(withoutTimes("whole"));
  }

  @Test
  void experimentIsItsJson() throws IOException {
    Experiment experiment = Toys.experiment();
    String json = Json.pretty(experiment);
    assertThat(json)
        .contains("hash-rows", "\"noise\"", "centroids", "staircase", "sign-descent")
        .doesNotContain("org.example");
    assertThat(Json.parse(json, "toys", Experiment.class)).isEqualTo(experiment);
    Experiment set = experiment.set("later={\"type\":\"staircase\",\"stairs\":2,\"factor\":0.1}");
    assertThat(set.plan().later()).isEqualTo(new Staircase(2, 0.1));
  }

  @Test
  void stateOfAHeadFollowsEveryStep() throws IOException {
    Experiment toys = Toys.experiment();
    Experiment untrained =
        new Experiment(
            "untrained",
            "",
            new Numerals(),
            toys.vectors(),
            toys.encoder(),
            toys.head(),
            List.of(new Method("projected", new Project(0.5))),
            toys.plan(),
            1);
    ExperimentRun.Result result =
        new ExperimentRun(untrained, new DataRoot(folder), folder.resolve("untrained")).run();
    // With the centroids of no data every score would be the same: half of the texts are right.
    assertThat(result.rows().get(0).devAccuracy()).isGreaterThan(0.7);
    assertThat(result.rows().get(0).testAccuracy()).isGreaterThan(0.7);
  }

  /** A step that no {@code Kinds} announces. */
  @JsonTypeName("forgotten")
  record Forgotten() implements Step {
    @Override
    public State apply(State before, Workbench bench) {
      return before;
    }
  }

  /** A step whose parameter is called like a column of every row. */
  @JsonTypeName("noise")
  record Clash(double seed) implements Step {
    @Override
    public State apply(State before, Workbench bench) {
      return before;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(new Parameter("seed", seed, ""));
    }
  }

  /** A step that files call like another one. */
  @JsonTypeName("noise")
  record Impostor(double noise) implements Step {
    @Override
    public State apply(State before, Workbench bench) {
      return before;
    }
  }

  @Test
  void mistakesOfAuthorsAreFoundBeforeAnythingIsTrained() {
    Path out = folder.resolve("mistaken");
    assertThatThrownBy(() -> runWith(new Forgotten(), out))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "experiment toys, line 1, methods.[0].steps.[0]: expected a kind of Step, found"
                + " 'forgotten' (known type ids = [calibrate, choose-threshold, codewords-to-bytes, factorize, ")
        .hasMessageContaining(" hash-rows, ")
        .hasMessageContaining(" noise, ")
        .hasMessageEndingWith(
            "; kinds of your own are announced in META-INF/services/io.github.lowrank.io.Kinds");
    assertThatThrownBy(() -> runWith(new Clash(1), out))
        .hasMessage("expected the name of a parameter, found 'seed', a column of every row");
    assertThatThrownBy(() -> runWith(new Impostor(1), out))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "experiment toys does not come back from its JSON: expected Impostor[noise=1.0] of "
                + Impostor.class.getName()
                + ", found Noise[noise=1.0] of org.example.Noise");
    assertThat(out).doesNotExist();
  }

  private static void runWith(Step step, Path out) throws IOException {
    Experiment mistaken = Toys.experiment().withMethods(List.of(new Method("mistaken", step)));
    new ExperimentRun(mistaken, new DataRoot(folder), out).run();
  }

  private static final List<String> TEXTS =
      List.of("a small furry animal", "an animal of the forest", "a small house", "", "unheard");

  @Test
  void exportAnswersAsThePredictor() throws IOException {
    List<String[]> words = TextEncoder.tokenize(Tokenizer.WORDS, TEXTS);
    Vocabulary vocabulary = Vocabulary.of(words.subList(0, 3));
    EncodedTexts texts = TextEncoder.encode(words, new int[] {0, 0, 1, 2, 1}, vocabulary, 40);
    Matrix table = Matrix.uniform(vocabulary.size(), 8, 1, new Random(1));
    EmbeddingTable hashed = HashedRows.of(table, 3);
    Classifier untrained = Classifier.initial(new MeanOfWords(4), new Centroids(2), hashed, 3, 1);
    Classifier classifier =
        new Classifier(
            untrained.encoder(),
            untrained.head(),
            hashed,
            Map.of(
                "linear",
                untrained.weights().get("linear"),
                "output_centroids",
                new FloatWeight(Matrix.uniform(3, 4, 1, new Random(2)))),
            3);
    Path stored = folder.resolve("numbers");
    ArrayFile.write(stored, classifier.numbers());
    Classifier loaded = untrained.with(ArrayFile.read(stored).get(0, Classifier.Numbers.class));
    assertThat(loaded.table()).isInstanceOf(HashedRows.class);
    float[][] scores = Predictor.scores(classifier, texts);
    assertThat(Predictor.scores(loaded, texts)).isDeepEqualTo(scores);
    // The form is what it stands for.
    float[][] dense = Predictor.scores(classifier.withTable(new Dense(hashed.toMatrix())), texts);
    for (int i = 0; i < scores.length; i++) {
      assertThat(dense[i]).containsExactly(scores[i], within(1e-5f));
    }

    Path model = folder.resolve("model");
    SavedModelWriter.write(
        new TextModel(
            loaded,
            Tokenizer.WORDS,
            vocabulary,
            List.of("animal", "house", "none"),
            List.of(0.5, 0.3, 0.2),
            40),
        model);
    try (TextClassifier exported = TextClassifier.load(model)) {
      List<TextClassifier.Prediction> answers = exported.predict(TEXTS.subList(0, 3));
      for (int i = 0; i < 3; i++) {
        assertThat(answers.get(i).probabilities())
            .containsExactly(softmax(scores[i]), within(1e-5f));
      }
    }
    try (TextClassifier exported =
        TextClassifier.load(whole.directory().resolve("models/hashed-90-seed1"))) {
      assertThat(exported.labels()).hasSize(26);
      assertThat(exported.predict(List.of("a small furry animal")).get(0).probability())
          .isBetween(1 / 26f, 1f);
    }
  }

  private static float[] softmax(float[] scores) {
    float[] all = new float[scores.length];
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score);
    }
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) (Math.exp(scores[i]) / sum);
    }
    return all;
  }

  @Test
  void graphComputesTheSameRate() {
    Schedule stairs = new Staircase(3, 0.3).schedule(0.01, 60);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      List<Operand<TFloat32>> rates = new ArrayList<>();
      for (long t = 0; t < 100; t++) {
        rates.add(stairs.build(tf, tf.constant(t)));
      }
      try (Session session = new Session(graph)) {
        Session.Runner runner = session.runner();
        rates.forEach(runner::fetch);
        try (Result result = runner.run()) {
          for (int t = 0; t < 100; t++) {
            assertThat((double) ((TFloat32) result.get(t)).getFloat())
                .as("t = %d", t)
                .isCloseTo(stairs.rate(t), within(1e-9));
          }
        }
      }
    }
    assertThat(stairs.rate(19)).isEqualTo(0.01);
    assertThat(stairs.rate(20)).isCloseTo(0.003, within(1e-12));
  }
}
