package io.github.lowrank.labelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabellingTest {
  private static final List<String> CLASSES = List.of("east", "north");

  @TempDir private Path folder;

  /** Texts around two directions; the first two are exemplars. */
  private static final class Pool {
    private final List<String> texts = new ArrayList<>();
    private final Matrix vectors;

    private Pool(int count) {
      Random random = new Random(1);
      float[] values = new float[2 * count];
      for (int i = 0; i < count; i++) {
        double angle = i < 2 ? i * Math.PI / 2 : i % 2 * Math.PI / 2 + 0.3 * random.nextGaussian();
        texts.add(CLASSES.get(i % 2) + " " + i);
        values[2 * i] = (float) Math.cos(angle);
        values[2 * i + 1] = (float) Math.sin(angle);
      }
      vectors = new Matrix(count, 2, values);
    }

    Labelling labelling(AnswerLog log, Questions questions) throws IOException {
      return new Labelling(
          new Labelling.Task(CLASSES, texts, List.of(0, 1), questions, new Majority()),
          new Neighbours(vectors),
          log);
    }
  }

  private static String truth(String text) {
    return text.substring(0, text.indexOf(' '));
  }

  private Path log() {
    return folder.resolve("answers.jsonl");
  }

  @Test
  void goesOnWhereItEnded() throws IOException {
    Pool pool = new Pool(200);
    List<Labelling.Label> before;
    Labelling.Progress progress;
    Optional<Labelling.Question> open;
    try (AnswerLog log = AnswerLog.open(log())) {
      Labelling labelling = pool.labelling(log, new SparseFirst());
      for (int i = 0; i < 24; i++) {
        Labelling.Question question = labelling.next().orElseThrow();
        assertThat(labelling.next()).contains(question);
        assertThat(question.check()).isEqualTo(i % 5 == 4);
        if (i % 7 == 3) {
          labelling.skip();
        } else if (i % 7 == 5) {
          labelling.none();
        } else {
          labelling.label(truth(question.text()));
        }
      }
      before = labelling.labels(0.8);
      progress = labelling.progress();
      open = labelling.next();
    }
    assertThat(progress.answers()).isEqualTo(24);
    assertThat(progress.checks()).isEqualTo(4);
    assertThat(before).anyMatch(label -> label.source() == Labelling.Source.VOTES);
    assertThat(before)
        .filteredOn(label -> label.source() != Labelling.Source.VOTES)
        .allMatch(label -> label.confidence() == 1 && label.label().equals(truth(label.text())));
    try (AnswerLog log = AnswerLog.open(log())) {
      Labelling again = pool.labelling(log, new SparseFirst());
      assertThat(again.labels(0.8)).isEqualTo(before);
      assertThat(again.progress()).isEqualTo(progress);
      assertThat(again.next()).isEqualTo(open);
    }
  }

  @Test
  void anAnswerCanBeTakenBack() throws IOException {
    Pool pool = new Pool(60);
    try (AnswerLog log = AnswerLog.open(log())) {
      Labelling labelling = pool.labelling(log, new SparseFirst());
      assertThat(labelling.undo()).isFalse();
      List<Labelling.Label> before = labelling.labels(0);
      Labelling.Question first = labelling.next().orElseThrow();
      labelling.label("north");
      assertThat(labelling.labels(0)).isNotEqualTo(before);
      assertThat(labelling.undo()).isTrue();
      assertThat(labelling.next().orElseThrow().text()).isEqualTo(first.text());
      assertThat(labelling.labels(0)).isEqualTo(before);
    }
    try (AnswerLog log = AnswerLog.open(log())) {
      assertThat(log.answers()).hasSize(2);
      assertThat(pool.labelling(log, new SparseFirst()).progress().answers()).isZero();
    }
  }

  @Test
  void anUnfinishedLineIsRemovedAndNoOther() throws IOException {
    Answer answer = new Answer("a\n\u2028b", Answer.Verdict.LABEL, "x", List.of(), "", false);
    try (AnswerLog log = AnswerLog.open(log())) {
      log.add(answer);
    }
    byte[] whole = Files.readAllBytes(log());
    for (int torn = 0; torn < whole.length; torn++) {
      Files.write(log(), whole);
      Files.write(log(), java.util.Arrays.copyOf(whole, torn), StandardOpenOption.APPEND);
      try (AnswerLog log = AnswerLog.open(log())) {
        assertThat(log.answers()).containsExactly(answer);
        log.add(answer);
      }
      assertThat(AnswerLog.read(log())).containsExactly(answer, answer);
    }
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    try (AnswerLog log = AnswerLog.open(log())) {
      log.add(new Answer("a", Answer.Verdict.SKIP, "", List.of(), "", false));
    }
    Files.writeString(log(), "{\"text\": 3\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    assertThatThrownBy(() -> AnswerLog.open(log())).hasMessageContaining("answers.jsonl, line 2");
  }

  @Test
  void anotherPoolIsRefused() throws IOException {
    try (AnswerLog log = AnswerLog.open(log())) {
      log.add(new Answer("elsewhere", Answer.Verdict.SKIP, "", List.of(), "", false));
      assertThatThrownBy(() -> new Pool(20).labelling(log, new SparseFirst()))
          .hasMessageContaining("expected a text of the pool, found 'elsewhere'");
    }
  }

  @Test
  void oneClassIsFoundFirst() throws IOException {
    Pool pool = new Pool(400);
    try (AnswerLog log = AnswerLog.open(log())) {
      Labelling labelling = pool.labelling(log, new OneClass(0));
      int found = 0;
      for (int i = 0; i < 50; i++) {
        Labelling.Question question = labelling.next().orElseThrow();
        found += !question.check() && truth(question.text()).equals("east") ? 1 : 0;
        labelling.label(truth(question.text()));
      }
      assertThat(found).isEqualTo(40);
    }
  }

  @Test
  void asksUntilNothingIsLeftAndWarns() throws IOException {
    Pool pool = new Pool(80);
    try (AnswerLog log = AnswerLog.open(log())) {
      Labelling labelling = pool.labelling(log, new OneClass(0));
      Random random = new Random(1);
      int asked = 0;
      while (labelling.next().isPresent()) {
        labelling.label(CLASSES.get(random.nextInt(2))); // a human who does not read
        asked++;
      }
      assertThat(asked).isEqualTo(78);
      assertThat(labelling.progress().stop()).isTrue();
    }
  }

  @Test
  void sparseTextsComeFirstAndClassesTakeTurns() {
    Votes votes =
        new Votes(
            2,
            List.of(new Votes.Voter(0, 0, 0), new Votes.Voter(1, 1, 0), new Votes.Voter(2, 0, 0)),
            new int[] {3, 4, 5, 6},
            List.of(new int[] {0, 2}, new int[] {0}, new int[] {2}, new int[] {1}),
            new float[] {0.9f, 0.8f, 0.7f, 0.95f});
    Known known = new Known(2, java.util.Map.of(0, 0, 1, 1, 2, 0));
    Questions.Round round =
        new Questions.Round(
            new Neighbours(Matrix.zeros(7, 1)),
            known,
            votes,
            new Majority().posteriors(votes, known));
    assertThat(new SparseFirst().choose(round, 10)).containsExactly(6, 5, 4, 3);
    assertThat(new SparseFirst().choose(round, 2)).containsExactly(6, 5);
  }
}
