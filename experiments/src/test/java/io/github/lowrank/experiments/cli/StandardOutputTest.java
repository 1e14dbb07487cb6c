package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.catalogue.Experiments;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, or a reader that went away, behind standard output. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class StandardOutputTest {
  @TempDir static Path folder;
  private static Path model;
  private static Path texts;

  private record Ended(int code, String err) {}

  @BeforeAll
  static void train() throws IOException {
    Path file = folder.resolve("train.csv");
    Files.writeString(file, "text,label\n" + "rain cloud,wet\nsun beach,dry\n".repeat(100));
    Path dev = Files.copy(file, folder.resolve("dev.csv"));
    texts = Files.writeString(folder.resolve("texts.txt"), "rain cloud\n".repeat(100_000));
    model = folder.resolve("model");
    Terminal.Outcome trained =
        Terminal.run(
            Experiments.all(),
            "train --remove 0 --steps 10 --vectors none --train %s --dev %s --out %s"
                .formatted(file, dev, model)
                .split(" "));
    assertThat(trained.code()).as(trained.err()).isZero();
  }

  /** Runs a command line in a shell that does {@code redirection} with its standard output. */
  private static Ended shell(String redirection, String... args) throws Exception {
    Path err = folder.resolve("err");
    Path code = folder.resolve("code");
    List<String> command = new ArrayList<>(Terminal.command(Lowrank.class, args));
    command.addAll(
        0, List.of("sh", "-c", "{ \"$@\" 2>" + err + "; echo $? >" + code + "; } " + redirection));
    command.add(3, "sh");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .redirectInput(texts.toFile())
            .start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    List<String> said =
        Files.readString(err)
            .lines()
            .filter(line -> !line.matches(".* sentences, .*|WARNING: All log.*|I0000.*"))
            .toList();
    return new Ended(Integer.parseInt(Files.readString(code).strip()), said.toString());
  }

  @Test
  @Timeout(200)
  @EnabledOnOs(OS.LINUX)
  void fullDiskIsAFailureOfEveryCommand() throws Exception {
    String full = "[lowrank: standard output: No space left on device]";
    Path csv = folder.resolve("train.csv");
    for (String args :
        List.of(
            "predict " + model,
            "predict " + model + " --json",
            "evaluate " + model + " --test " + csv,
            "inspect " + model,
            "compress --model " + model,
            "list",
            "datasets list",
            "--help",
            "--version")) {
      assertThat(shell(">/dev/full", args.split(" "))).as(args).isEqualTo(new Ended(1, full));
    }
    Path out = folder.resolve("exported.pb");
    assertThat(
            shell(">/dev/full", ("export " + model + " --format frozen --out " + out).split(" ")))
        .isEqualTo(new Ended(1, full));
    assertThat(out).isNotEmptyFile(); // done, but not said
  }

  @Test
  @Timeout(200)
  void readerThatLeavesEndsTheCommandQuietly() throws Exception {
    assertThat(shell("| head -n 1", "predict", model.toString())).isEqualTo(new Ended(1, "[]"));
    assertThat(Files.readString(folder.resolve("log"))).startsWith("wet\t").hasLineCount(1);
    assertThat(shell("| true", "list")).isEqualTo(new Ended(1, "[]"));
    assertThat(shell(">/dev/null", "list")).isEqualTo(new Ended(0, "[]"));
  }

  @Test
  void nothingIsWrittenAfterAGap() {
    StringBuilder written = new StringBuilder();
    StandardOutput output =
        new StandardOutput(
            new OutputStream() {
              private int calls;

              @Override
              public void write(int b) throws IOException {
                if (calls++ == 1) {
                  throw new IOException("Disk quota exceeded");
                }
                written.append((char) b);
              }

              @Override
              public void write(byte[] bytes, int from, int length) throws IOException {
                write(bytes[from]);
              }
            });
    PrintWriter writer = output.writer();
    for (String line : List.of("a", "b", "c")) {
      writer.println(line);
    }
    StringWriter err = new StringWriter();
    assertThat(output.code(0, new PrintWriter(err, true))).isEqualTo(1);
    assertThat(output.code(2, new PrintWriter(new StringWriter(), true))).isEqualTo(2);
    assertThat(err.toString().strip()).isEqualTo("lowrank: standard output: Disk quota exceeded");
    assertThat(written.toString().getBytes(StandardCharsets.UTF_8)).hasSize(1);
  }
}
