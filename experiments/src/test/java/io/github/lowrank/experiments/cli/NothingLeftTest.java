package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands that end early leave nothing behind and delete nothing of the user's. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class NothingLeftTest {
  @TempDir Path folder;
  @TempDir Path elsewhere;

  @BeforeEach
  void writeFiles() throws IOException {
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 400; i++) {
      csv.append("word").append(i).append(i % 2 == 0 ? " rain,wet\n" : " sun,dry\n");
    }
    Files.writeString(folder.resolve("train.csv"), csv);
    Files.writeString(Files.createDirectory(folder.resolve("model.work")).resolve("a"), "precious");
    Files.writeString(Files.createDirectory(folder.resolve("model.part")).resolve("a"), "precious");
  }

  private String[] train(String steps) {
    return new String[] {
      "train",
      "--vectors",
      "none",
      "--steps",
      steps,
      "--train",
      folder.resolve("train.csv").toString(),
      "--out",
      folder.resolve("model").toString()
    };
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private boolean works() throws IOException {
    return left().stream().anyMatch(name -> name.startsWith(".model."));
  }

  private void assertNothingChanged() throws IOException {
    assertThat(left()).containsExactly("model.part", "model.work", "train.csv");
    assertThat(folder.resolve("model.work/a")).hasContent("precious");
    assertThat(folder.resolve("model.part/a")).hasContent("precious");
  }

  @Test
  @Timeout(120)
  void interruptedTrainingLeavesNothing() throws Exception {
    Process process = Terminal.start(Lowrank.class, elsewhere.resolve("log"), train("100000000"));
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(80);
      // Any fourth entry will not do: `train` first makes and deletes one, to see that it can
      // write.
      while (!works() && process.isAlive() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(works()).as(Files.readString(elsewhere.resolve("log"))).isTrue();
      TimeUnit.SECONDS.sleep(2); // while it trains
      process.destroy(); // SIGTERM; Ctrl-C takes the same way
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(143);
    assertNothingChanged();
    assertThat(Files.readString(elsewhere.resolve("log"))).doesNotContain("\tat ");
  }

  /** The limit of a process on the size of files, which anybody can set, stands for a full disk. */
  @Test
  @Timeout(120)
  void fullDiskIsOneLineAndLeavesNothing() throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 120; exec \"$@\"", "sh"));
    command.addAll(Terminal.command(Lowrank.class, train("20")));
    Path log = elsewhere.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log);
    assertThat(process.exitValue()).as(said).isEqualTo(1);
    assertThat(said)
        .containsPattern(
            "lowrank: " + folder + "/.*: File too large \\(disk .*, [\\d,]+ bytes free\\)")
        .doesNotContain("\tat ");
    assertNothingChanged();
  }
}
