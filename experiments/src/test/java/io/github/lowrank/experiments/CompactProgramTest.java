package io.github.lowrank.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the program of the documentation with nothing but the predictor. */
class CompactProgramTest {
  @TempDir Path folder;

  @Test
  void theProgramOfTheReadmeAnswers() throws Exception {
    Matcher block =
        Pattern.compile("(?s)```java\n(import io.github.lowrank.predictor.*?)```")
            .matcher(Files.readString(Path.of("../README.md")));
    assertThat(block.find()).isTrue();
    String program = block.group(1);
    assertThat(program.lines().count()).isLessThanOrEqualTo(10);
    Path source = Files.writeString(folder.resolve("Classify.java"), program);
    String predictor =
        Path.of(Predictor.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-cp", predictor, source.toString());
    assertThat(failed).isZero();

    Path file = folder.resolve("model.lrk");
    CompactFile.write(model(), file, CompactFile.EXACT, false);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + System.getProperty("path.separator") + predictor,
                "Classify",
                file.toString(),
                "a funny film")
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes());
    Predictor.Prediction expected = Predictor.load(file).predict("a funny film");
    assertThat(printed.strip()).isEqualTo(expected.label() + " " + expected.probability());
    assertThat(process.waitFor()).isZero();
  }

  private Path model() throws Exception {
    Vocabulary words = Vocabulary.of(List.<String[]>of(new String[] {"a", "funny", "dull"}));
    Dense table = new Dense(Matrix.uniform(words.size(), 4, 1, new Random(1)));
    Path model = folder.resolve("model");
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(new Dan(List.of(3), 0), new Softmax(), table, 2, 1),
            Tokenizer.WORDS,
            words,
            List.of("bad", "good"),
            List.of(0.5, 0.5),
            40),
        model);
    return model;
  }
}
