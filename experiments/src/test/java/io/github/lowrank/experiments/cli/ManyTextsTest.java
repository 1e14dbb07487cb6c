package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory grows with what is kept of the texts, not with what is read. */
class ManyTextsTest {
  private static final int TEXTS = 100_000;

  @TempDir Path folder;

  /** Texts of 60 words, about 350 characters: as strings they alone are larger than the heap. */
  private Path texts() throws IOException {
    Path file = folder.resolve("many.csv");
    Random random = new Random(1);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("text,label\n");
      for (int i = 0; i < TEXTS; i++) {
        int label = random.nextInt(2);
        for (int w = 0; w < 60; w++) {
          out.write("word");
          out.write(Integer.toString(2 * random.nextInt(20) + label));
          out.write(' ');
        }
        out.write(label == 0 ? ",even\n" : ",odd\n");
      }
    }
    return file;
  }

  @Test
  void trainKeepsNoTexts() throws Exception {
    Path file = texts();
    assertThat(Files.size(file)).isGreaterThan(40_000_000);
    List<String> command =
        Terminal.command(
            Lowrank.class,
            "train",
            "--train",
            file.toString(),
            "--dev-limit",
            "1000",
            "--vectors",
            "none",
            "--steps",
            "20",
            "--out",
            folder.resolve("model").toString());
    command.set(command.indexOf("-Xmx1g"), "-Xmx56m");
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log)).contains("99,000 train, 1,000 dev, 0 test texts");
  }
}
