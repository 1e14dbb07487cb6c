package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.example.Numerals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Experiments as JSON files on the command line. */
class ExperimentFileTest {
  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {}

  private Outcome run(String json) throws IOException {
    Path file = folder.resolve("mine.json");
    Files.writeString(file, json);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Cli()
            .execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "run",
                file.toString(),
                "--out",
                folder.resolve("out").toString());
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void runsOnADataSetFromOutside() throws IOException {
    Experiment quick = Quickstart.experiment().set("steps=60").set("rates=3e-2");
    Experiment mine =
        new Experiment(
            "mine",
            "",
            new Numerals(),
            VectorSource.none(),
            quick.encoder(),
            quick.head(),
            List.of(Method.baseline()),
            quick.plan(),
            1);
    String json = Json.pretty(mine);
    assertThat(json).contains("\"dataset\" : \"numerals\"");
    assertThat(Json.parse(json, "mine", Experiment.class)).isEqualTo(mine);
    Outcome outcome = run(json);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("baseline", "1 trials in");
    assertThat(folder.resolve("out/report.md")).content().contains("Data set numerals");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"version\" : 1 | \"version\" : 2 | expected version 1 of an experiment, found version 2",
        "\"seeds\" : 1 | \"seed\" : 1, \"seeds\" : 1 | , seed: expected one of the fields [dataset, description, encoder, head, methods, name, plan, seeds, vectors, version], found 'seed'",
        "\"share\" : 0.5 | \"share\" : 0.5, \"part\" : 1 | methods.[0].steps.[0].part: expected one of the fields [share], found 'part'",
        ", \"seeds\" : 1 | `` | expected the field 'seeds', found none",
        "\"name\" : \"quickstart\" | \"name\" : null | expected the field 'name', found null",
        "\"type\" : \"softmax\" | \"type\" : null | head: expected a",
        "\"type\" : \"softmax\" | `` | head: expected a Head, an object whose field 'type' says its kind, found none",
        "\"type\" : \"train\" | \"type\" : \"trian\" | methods.[0].steps.[0]: expected a kind of Step, found 'trian' (known type ids = [calibrate, choose-threshold, codewords-to-bytes, factorize,",
        "\"type\" : \"dan\" | \"type\" : \"gru\" | encoder: expected a kind of Encoder, found 'gru'",
        "\"type\" : \"constant\" | \"type\" : \"softmax\" | plan.first: expected a kind of Shape, found 'softmax'",
        "\"seeds\" : 1 | \"seeds\" : \"one\" | seeds: expected a whole number, found string (\"one\")",
        "\"seeds\" : 1 | \"seeds\" : 1.5 | seeds: expected a whole number, found '1.5'",
        "\"seeds\" : 1 | \"seeds\" : 0 | seeds must be at least 1, but is 0",
        "\"BALANCED\" | \"HALVED\" | methods.[1].steps.[0].split: expected one of [PAPER, BALANCED], found 'HALVED'",
        "\"hidden\" : [ 30, 25 ] | \"hidden\" : 30 | encoder.hidden: expected an array, found integer",
        "\"hidden\" : [ 30, 25 ] | \"hidden\" : [ 0 ] | encoder: a DAN's hidden layers need at least one unit each",
        "\"methods\" : [ | \"methods\" : [ null, | expected no null, found one",
        "\"dataset\" : \"wordnet-glosses\" | \"dataset\" : \"wordnet\" | dataset: expected one of [wordnet-glosses, sst2, sst2-phrases, trec, snips, clinc150, banking77, numerals], found 'wordnet'",
        "\"seeds\" : 1 | \"seeds\" 1 | was expecting a colon",
        "\"seeds\" : 1 | \"seeds\" : 1, \"seeds\" : 1 | expected each field once, found 'seeds' again",
      })
  void mistakesAreOneLine(String was, String is, String message) throws IOException {
    String json = Json.pretty(Quickstart.experiment()).replaceAll("\\s+", " ");
    assertThat(json).contains(was);
    Outcome outcome = run(json.replace(was, is));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .hasLineCount(1)
        .startsWith("lowrank: " + folder.resolve("mine.json") + ", ")
        .contains(message)
        .doesNotContain("Exception", "`", "com.fasterxml", "io.github.lowrank.experiments");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
