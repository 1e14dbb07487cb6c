package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Tiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Equal trials write equal bytes, whichever process they run in and whenever. */
class EqualBytesTest {
  @TempDir Path folder;

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> folder.relativize(f).toString())
          .sorted()
          .toList();
    }
  }

  private String[] command(Path out) {
    return new String[] {
      "train",
      "--train",
      folder.resolve("train.csv").toString(),
      "--test",
      folder.resolve("test.csv").toString(),
      "--label",
      "label",
      "--vectors",
      "none",
      "--model",
      "lstm",
      "--steps",
      "30",
      "--remove",
      "0.9",
      "--bits",
      "8",
      "--out",
      out.toString()
    };
  }

  @Test
  @Timeout(180)
  void twoProcessesWriteTheSameModelAndTheSameCard() throws Exception {
    Tiny.experiment(folder, "texts");
    Path here = folder.resolve("here");
    Path there = folder.resolve("there");
    Path log = folder.resolve("log");
    Process process = Terminal.start(Lowrank.class, log, command(there));
    Terminal.Outcome outcome = Terminal.run(List.of(), command(here));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    assertThat(names(here))
        .isEqualTo(names(there))
        .contains(
            "saved_model.pb",
            "assets/vocabulary.txt",
            "variables/variables.index",
            "model-card.json",
            "model-card.md");
    for (String name : names(here)) {
      assertThat(here.resolve(name)).as(name).hasSameBinaryContentAs(there.resolve(name));
    }
  }
}
