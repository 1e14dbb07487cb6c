package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.labelling.Answer;
import io.github.lowrank.labelling.AnswerLog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelCommandTest {
  private static final Pattern ANSWERS = Pattern.compile("(\\d+) answers;");

  @TempDir Path folder;
  private LabelFixture files;

  @BeforeEach
  void write() throws IOException {
    files = new LabelFixture(folder);
  }

  private Outcome label(String... more) {
    return Terminal.run(List.of(), files.command(more));
  }

  private List<Answer> log() throws IOException {
    return AnswerLog.read(files.out().resolve("answers.jsonl"));
  }

  @Test
  void labelsWithAnswersFromAFileThatTrainReads() throws IOException {
    Outcome outcome = label("--answers", files.truth().toString(), "--questions", "20");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains(
            "116 texts by words.txt; 2 classes", "20 answers; 24 exemplars", "of 4 random checks");
    assertThat(log()).hasSize(20);
    List<String> lines = Files.readAllLines(files.out().resolve("labels.csv"));
    assertThat(lines.get(0)).isEqualTo("text,label,confidence,source,exemplars");
    assertThat(lines.stream().filter(l -> l.endsWith(",1.0000,human,[]"))).hasSize(20);
    assertThat(lines).anyMatch(l -> l.matches(".*,(animal|food),0\\.[89]\\d*,votes,\"\\[\"\".*"));
    assertThat(lines.stream().skip(1)).allMatch(l -> l.startsWith(LabelFixture.truth(l)));
    Outcome trained =
        Terminal.run(
            List.of(),
            "train",
            "--train",
            files.out().resolve("labels.csv").toString(),
            "--vectors",
            "none",
            "--teacher",
            "none",
            "--steps",
            "4",
            "--out",
            folder.resolve("model").toString());
    assertThat(trained.code()).as(trained.err()).isZero();
  }

  @Test
  void anotherLogIsReplayedToTheSameLabels() throws IOException {
    label("--answers", files.truth().toString(), "--questions", "15");
    Path first = files.out();
    files.out = folder.resolve("again");
    Outcome outcome = label("--answers", first.resolve("answers.jsonl").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(files.out().resolve("labels.csv"))
        .hasSameTextualContentAs(first.resolve("labels.csv"));
    assertThat(files.out().resolve("answers.jsonl"))
        .hasSameTextualContentAs(first.resolve("answers.jsonl"));
  }

  @Test
  void oneClassIsToldFromTheRest() throws IOException {
    Files.writeString(files.seeds(), "text,label\nfox wolf,animal\n");
    Outcome outcome = label("--answers", files.truth().toString(), "--questions", "10");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(log()).hasSize(10);
    assertThat(log().stream().filter(a -> !a.check())).allMatch(a -> a.label().equals("animal"));
  }

  /** Keys as they come from a pipe: undo, skip, a wrong key, a name, none. */
  @Test
  @Timeout(60)
  void asksLineByLine() throws Exception {
    Process process = start(folder.resolve("err"));
    try (OutputStream keys = process.getOutputStream()) {
      keys.write("1\nu\n2\ns\n7\n/food\n0\n\nq\n".getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("expected a key of the list, found '7'", "(Enter)");
    assertThat(log().stream().map(a -> a.verdict() + a.label()).toList().subList(0, 5))
        .containsExactly("LABELanimal", "UNDO", "LABELfood", "SKIP", "LABELfood");
    assertThat(log().get(5).rejected()).containsExactly("animal", "food");
    assertThat(log()).hasSize(7);
    assertThat(log().get(1).text()).isEqualTo(log().get(0).text());
    assertThat(log().get(2).text()).isEqualTo(log().get(0).text());
    assertThat(files.out().resolve("labels.csv")).exists();
  }

  private Process start(Path err) throws IOException {
    return new ProcessBuilder(Terminal.command(Lowrank.class, files.command()))
        .redirectError(err.toFile())
        .start();
  }

  /** A kill at any moment: what was acknowledged is in the log, and nothing that was not said. */
  @Test
  @Timeout(240)
  void killedAtAnyMomentItLosesNoAnswer() throws Exception {
    Random random = new Random(1);
    int kept = 0;
    for (int round = 0; round < 5; round++) {
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        keys.add(random.nextBoolean() ? "1" : "2");
      }
      int wanted = kept + 1 + random.nextInt(10);
      Path out = Files.writeString(folder.resolve("out"), "");
      Process process =
          new ProcessBuilder(Terminal.command(Lowrank.class, files.command()))
              .redirectError(folder.resolve("err").toFile())
              .redirectOutput(out.toFile())
              .start();
      OutputStream in = process.getOutputStream();
      in.write((String.join("\n", keys) + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush(); // and stays open, so that the command does not end by itself
      while (acknowledged(out) < wanted && process.isAlive()) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
      process.destroyForcibly();
      process.waitFor(30, TimeUnit.SECONDS);
      int acknowledged = acknowledged(out);
      assertThat(acknowledged).isGreaterThanOrEqualTo(wanted);
      try (AnswerLog log = AnswerLog.open(files.out().resolve("answers.jsonl"))) {
        assertThat(log.answers()).hasSizeGreaterThanOrEqualTo(acknowledged);
        List<String> said =
            log.answers().subList(kept, log.answers().size()).stream().map(Answer::label).toList();
        assertThat(said)
            .isEqualTo(
                keys.subList(0, said.size()).stream()
                    .map(key -> key.equals("1") ? "animal" : "food")
                    .toList());
        kept = log.answers().size();
      }
    }
    Outcome finished = label("--questions", "0");
    assertThat(finished.code()).as(finished.err()).isZero();
    assertThat(finished.out()).contains("%d by human".formatted(kept));
  }

  /** The last number of answers that was printed. */
  private static int acknowledged(Path out) throws IOException {
    Matcher found = ANSWERS.matcher(Files.readString(out));
    int last = 0;
    while (found.find()) {
      last = Integer.parseInt(found.group(1));
    }
    return last;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--least 2 | --least: expected a number in [0, 1], found 2.0",
        "--only plant | --only: expected a class of SEEDS, one of [animal, food], found 'plant'",
        "--questions -1 | --questions: expected a number of at least 0, found -1",
        "--page 70000 | --page: expected a port of at most 65535, found 70000",
        "--page 0 --answers TRUTH | --answers asks nobody: give it without --page",
        "--vectors none | --vectors none: expected vectors, without which no text is near",
        "--model both | --model",
        "--out SEEDS | --out SEEDS: expected a folder, found a file",
      })
  void wrongUsageIsOneLine(String options, String message) {
    Outcome outcome = label(named(options).split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(named(message)).doesNotContain("\tat ");
    assertThat(outcome.err().lines().filter(l -> l.startsWith("lowrank: "))).hasSize(1);
  }

  private String named(String text) {
    return text.replace("SEEDS", files.seeds().toString())
        .replace("TRUTH", files.truth().toString());
  }

  @Test
  void wrongFilesAreNamedWithTheirLine() throws IOException {
    Files.writeString(files.seeds(), "text,label\na,x\nb,y\na,y\n");
    Outcome outcome = label();
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains(files.seeds() + ", line 4: expected one class per text, found [x, y]");
    Files.writeString(files.seeds(), "text,class\na,x\n");
    outcome = label();
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains(files.seeds() + ", line 1: expected a column 'label' (--label)");
  }

  @Test
  void aPortInUseAndMissingAnswersAreNamedBeforeAnythingIsDone() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = label("--page", Integer.toString(used.getLocalPort()));
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("--page %d: expected a free port".formatted(used.getLocalPort()));
    }
    Outcome missing = label("--answers", folder.resolve("none.csv").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("none.csv does not exist: expected a file of answers");
    assertThat(files.out()).doesNotExist();
  }

  @Test
  void vectorsOfOtherWordsAreRefused() throws IOException {
    Path other = Files.writeString(folder.resolve("other.txt"), "zebra 1 0\nlynx 0 1\n");
    Outcome outcome = label("--vectors", other.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("other.txt: expected vectors of some of the", "words of the texts, found none");
  }

  @Test
  void anotherPoolAndADamagedLogAreNamed() throws IOException {
    label("--answers", files.truth().toString(), "--questions", "3");
    Path log = files.out().resolve("answers.jsonl");
    Files.writeString(folder.resolve("pool.txt"), "fox bread\n");
    Outcome outcome = label("--questions", "0");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(log + ", line 1: expected a text of the pool, found '");
    Files.writeString(log, "nonsense\n", StandardOpenOption.APPEND);
    outcome = label("--questions", "0");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(log + ", line 4: expected JSON, found 'nonsense'");
  }
}
